#include "vault/report_text.h"

#include <fmt/format.h>

#include "codec/json_writer.h"

namespace tidemark::vault {

namespace {

std::string QuotedField(const ReportCell& cell) {
  if (const auto* number = std::get_if<int64_t>(&cell)) return fmt::format("{}", *number);
  const std::string& text = std::get<std::string>(cell);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

template <class Cell>
void AppendLine(const std::vector<Cell>& row, std::string* text) {
  for (size_t i = 0; i < row.size(); ++i) *text += (i == 0 ? "" : ",") + QuotedField(row[i]);
  *text += "\r\n";
}

}  // namespace

std::string ToCsv(const Report& report) {
  std::string text;
  AppendLine(report.header, &text);
  for (const auto& row : report.rows) AppendLine(row, &text);
  return text;
}

std::string ToJson(const Report& report) {
  std::string text;
  codec::JsonWriter w(&text);
  w.BeginObject().Key("reportItems").BeginArray();
  for (const auto& row : report.rows) {
    w.BeginObject();
    for (size_t i = 0; i < row.size(); ++i)
      std::visit([&](const auto& value) { w.Field(report.header[i], value); }, row[i]);
    w.EndObject();
  }
  w.EndArray().EndObject();
  return text;
}

}  // namespace tidemark::vault
