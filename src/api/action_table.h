#pragma once
#include <string>

namespace tidemark::api {

// Which permission each operation needs, from the tables that the server itself reads: a line of
// JSON an operation, {"service","operation","action","resource"}.
std::string ActionTable();

}  // namespace tidemark::api
