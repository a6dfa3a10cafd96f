// Lets scripts of web pages from elsewhere read answers: CORS, as browsers ask for it.
#pragma once
#include <string>

#include "http/listener.h"

namespace tidemark::http {

// `inner`, whose answers to requests with an Origin allow `origin` ("*": any) to read them. An
// OPTIONS with an Origin, a browser's question before it sends something, is answered here: what it
// asks for is allowed, for two days.
Handler AllowOrigin(std::string origin, Handler inner);

}  // namespace tidemark::http
