// Tables as text: what files of reports hold. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tidemark::vault {

using ReportCell = std::variant<std::string, int64_t>;
struct Report {
  std::vector<std::string> header;  // names of columns
  std::vector<std::vector<ReportCell>> rows;
};

std::string ToCsv(const Report& report);   // RFC 4180
std::string ToJson(const Report& report);  // {"reportItems": [{column: value}]}

}  // namespace tidemark::vault
