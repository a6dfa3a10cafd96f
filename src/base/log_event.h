// Log lines whose parts programs read, and the form that all log lines have.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"

namespace tidemark {

// kText: "2026-11-22T16:34:58.861Z info stopping". kJson: an object a line, with time, level and
// message, or of an event its name and fields.
enum class LogFormat { kText, kJson };
void SetLogFormat(LogFormat format);  // before other threads write

struct LogField {
  std::string_view name;
  std::string value;
  bool is_number = false;  // else a text
};

// As text "slow_request: request=ID operation=PutItem"; what is empty is left out. Thread-safe.
void LogEvent(LogLevel level, std::string_view event, std::span<const LogField> fields);

}  // namespace tidemark
