#pragma once
#include <string>

namespace tidemark::api {

// Which permission each operation needs, from the tables that the server itself reads: a line of
// JSON an operation, {"service","operation","action","resource","built"}. Resource "root": no
// policy grants it; "nothing": it needs no permission. Not built: an operation to come, as yet
// unknown.
std::string ActionTable();

}  // namespace tidemark::api
