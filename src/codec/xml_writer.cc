#include "codec/xml_writer.h"

#include <fmt/chrono.h>

namespace tidemark::codec {

void AppendXmlText(std::string_view text, std::string* out) {
  for (const char c : text) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '"':
        *out += "&quot;";
        break;
      case '\r':
        *out += "&#13;";  // a reader would make a line feed of it
        break;
      default:
        // What XML cannot say at all.
        *out += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' ? '?' : c;
    }
  }
}

XmlWriter& XmlWriter::Open(std::string_view name) {
  out_->append("<").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::Close(std::string_view name) {
  out_->append("</").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::Text(std::string_view name, std::string_view value) {
  Open(name);
  AppendXmlText(value, out_);
  return Close(name);
}

XmlWriter& XmlWriter::Int(std::string_view name, int64_t value) {
  return Text(name, std::to_string(value));
}

XmlWriter& XmlWriter::Bool(std::string_view name, bool value) {
  return Text(name, value ? "true" : "false");
}

XmlWriter& XmlWriter::Time(std::string_view name, Timestamp value) {
  return Text(
      name, fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(value)));
}

}  // namespace tidemark::codec
