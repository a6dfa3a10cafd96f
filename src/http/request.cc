#include "http/request.h"

#include "http/ascii.h"

namespace tidemark::http {

std::optional<std::string_view> Request::Find(std::string_view name) const {
  for (const Header& header : headers)
    if (EqualsIgnoringCase(header.name, name)) return header.value;
  return std::nullopt;
}

}  // namespace tidemark::http
