#include "http/cross_origin.h"

#include <memory>
#include <string_view>
#include <utility>

namespace tidemark::http {
namespace {

struct CrossOrigin {
  std::string origin;
  Handler inner;
};

Response AnswerPreflight(const Request& request) {
  Response response;
  const auto echo = [&](std::string_view asked, std::string_view allowed) {
    if (const auto value = request.Find(asked)) response.headers.emplace_back(allowed, *value);
  };
  echo("access-control-request-headers", "Access-Control-Allow-Headers");
  echo("access-control-request-method", "Access-Control-Allow-Methods");
  response.headers.emplace_back("Access-Control-Max-Age", "172800");
  return response;
}

asio::awaitable<Response> AnswerWithOrigin(const CrossOrigin& cross, const Request& request) {
  Response response;
  if (request.method == "OPTIONS") {
    response = AnswerPreflight(request);
  } else {
    response = co_await cross.inner(request);
  }
  response.headers.emplace_back("Access-Control-Allow-Origin", cross.origin);
  co_return response;
}

}  // namespace

Handler AllowOrigin(std::string origin, Handler inner) {
  // Shared: a Handler can be copied, and what a coroutine refers to must stay where it is.
  auto cross =
      std::make_shared<const CrossOrigin>(CrossOrigin{std::move(origin), std::move(inner)});
  return [cross](const Request& request) {
    return request.Find("origin") ? AnswerWithOrigin(*cross, request) : cross->inner(request);
  };
}

}  // namespace tidemark::http
