// XML out: appends elements to a string; texts are escaped. No document is built.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark::codec {

void AppendXmlText(std::string_view text, std::string* out);  // escaped

class XmlWriter {
 public:
  explicit XmlWriter(std::string* out) : out_(out) {}

  // Elements are closed in reverse order, by name.
  XmlWriter& Open(std::string_view name);
  XmlWriter& Close(std::string_view name);
  XmlWriter& Text(std::string_view name, std::string_view value);
  XmlWriter& Int(std::string_view name, int64_t value);
  XmlWriter& Bool(std::string_view name, bool value);
  XmlWriter& Time(std::string_view name, Timestamp value);  // 2026-11-26T10:00:06Z

 private:
  std::string* out_;
};

}  // namespace tidemark::codec
