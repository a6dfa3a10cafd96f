// Answers for browsers: the console's files.
#pragma once
#include <optional>

#include "http/request.h"
#include "http/response.h"

namespace tidemark::console {

// The answer to a GET or HEAD for /console or below, or for / by who accepts text/html (a redirect
// to the console); nothing for any other request. Files come compressed to who accepts gzip.
// Quick; any thread.
std::optional<http::Response> Answer(const http::Request& request);

}  // namespace tidemark::console
