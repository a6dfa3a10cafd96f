#pragma once
#include <string>

#include "http/request.h"

namespace tidemark::auth {

// The service named in the credential scope, unverified: where a request goes that names its
// service in no other way. Empty: none is named.
std::string ClaimedService(const http::Request& request);

}  // namespace tidemark::auth
