#include "api/query_api.h"

#include <algorithm>

#include "api/iam/access.h"
#include "api/iam/errors.h"
#include "api/iam/operations.h"
#include "api/query_operation.h"
#include "api/sts/operations.h"
#include "api/sts/parameters_gen.h"
#include "auth/claimed_service.h"
#include "base/assert.h"

namespace tidemark::api {

namespace {

struct Service {
  std::string_view name;  // in the credential scope
  std::string_view version;
  std::string_view xmlns;
};
constexpr Service kServices[] = {
    {"iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"},
    {"sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"}};

// What a request is about, as far as it says so.
std::string NamedFirst(const wire::QueryParameters& parameters) {
  for (const std::string_view member : {"RoleArn", "UserName", "RoleName", "GroupName", "PolicyArn",
                                        "PolicyName", "Name", "PolicySourceArn"}) {
    if (const std::string* value = parameters.Find(member)) return *value;
  }
  return "";
}

const QueryOperation* FindOperation(const Service& service, std::string_view name) {
  const auto operations = service.name == "iam" ? iam_query::Operations() : sts_query::Operations();
  const auto at = std::ranges::lower_bound(operations, name, {}, &QueryOperation::name);
  return at != operations.end() && at->name == name ? &*at : nullptr;
}

// What the members of an operation may be; each has a shape.
template <class Shape>
const Shape* FindShape(std::span<const Shape> shapes, std::string_view name) {
  const auto at = std::ranges::lower_bound(shapes, name, {}, &Shape::name);
  return at != shapes.end() && at->name == name ? &*at : nullptr;
}

// Form, then permission. STS's operations ask for theirs themselves.
Result<void> Check(const Service& service, const QueryCall& call, std::string_view name) {
  if (service.name != "iam") {
    return call.parameters.Check(FindShape(sts_query::kOperationShapes, name)->members);
  }
  const auto* shape = FindShape(iam_query::kOperationShapes, name);
  TM_TRYV(call.parameters.Check(shape->members));
  return iam_query::Authorize(call, *shape);
}

// "iam:CreateUser": of all services, each's in the order of its own list.
const std::vector<std::string>& QueryNames() {
  static const auto names = [] {
    std::vector<std::string> all;
    for (const auto& operation : iam_query::Operations())
      all.push_back(fmt::format("iam:{}", operation.name));
    for (const auto& operation : sts_query::Operations())
      all.push_back(fmt::format("sts:{}", operation.name));
    return all;
  }();
  return names;
}

http::Response Answered(const Service& service, const QueryOperation& operation,
                        const std::string& result, const std::string& request_id) {
  http::Response response;
  response.content_type = "text/xml";
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  std::string& body = response.body;
  const std::string_view name = operation.name;
  body = fmt::format("<{}Response xmlns=\"{}\">", name, service.xmlns);
  if (!result.empty() || operation.always_result)
    body += fmt::format("<{0}Result>{1}</{0}Result>", name, result);
  codec::XmlWriter w(&body);
  w.Open("ResponseMetadata").Text("RequestId", request_id).Close("ResponseMetadata");
  w.Close(fmt::format("{}Response", name));
  return response;
}

}  // namespace

QueryApi::QueryApi(QueryServices services) : services_(services) {
  const auto have_shapes = [](std::span<const QueryOperation> operations, auto shapes) {
    return std::ranges::equal(operations, shapes, {}, &QueryOperation::name,
                              &std::ranges::range_value_t<decltype(shapes)>::name);
  };
  TM_ASSERT(have_shapes(iam_query::Operations(), iam_query::kOperationShapes));
  TM_ASSERT(have_shapes(sts_query::Operations(), sts_query::kOperationShapes));
}

std::vector<std::string_view> QueryApi::OperationNames() {
  return {QueryNames().begin(), QueryNames().end()};
}

std::optional<size_t> QueryApi::OperationOf(const http::Request& request) {
  const auto parameters = wire::QueryParameters::Parse(request.body);
  const std::string name =
      fmt::format("{}:{}", auth::ClaimedService(request), parameters.Text("Action"));
  const auto at = std::ranges::find(QueryNames(), name);
  if (at == QueryNames().end()) return std::nullopt;
  return static_cast<size_t>(at - QueryNames().begin());
}

asio::awaitable<http::Response> QueryApi::Handle(const http::Request& request,
                                                 const std::string& request_id) {
  audit::Event event;
  auto response = co_await Answer(request, request_id, &event);
  if (services_.auditor) co_await services_.auditor->Finish(std::move(event), response);
  co_return response;
}

asio::awaitable<http::Response> QueryApi::Answer(const http::Request& request,
                                                 const std::string& request_id,
                                                 audit::Event* event) {
  const std::string claimed = auth::ClaimedService(request);
  const auto* service = std::ranges::find(kServices, std::string_view(claimed), &Service::name);
  // Who names neither is told so in the words of the first.
  if (service == std::end(kServices)) service = kServices;
  const auto parameters = wire::QueryParameters::Parse(request.body);
  const std::string& name = parameters.Text("Action");
  const auto refuse = [&](const Error& error) {
    return iam_query::ErrorResponse(error, service->xmlns, name, request_id);
  };
  auto principal = services_.authenticator.Authenticate(request, service->name);
  if (services_.auditor) {
    *event = services_.auditor->Begin(principal ? &*principal : nullptr, request, service->name,
                                      name, request_id);
    event->resource = Auditor::Cut(NamedFirst(parameters));
  }
  if (!principal) co_return refuse(principal.error());
  const QueryOperation* operation = FindOperation(*service, name);
  if (!operation) {
    co_return refuse(MakeError(ErrorKind::kUnknownOperation,
                               "Could not find operation {} for version {}", name,
                               service->version));
  }
  const QueryCall call{.services = services_,
                       .request = request,
                       .principal = *principal,
                       .parameters = parameters,
                       .scope = {services_.directory, principal->account, services_.random,
                                 services_.real_clock.Now()},
                       .account = services_.directory.Find(principal->account)};
  auto checked = Check(*service, call, name);
  if (!checked) co_return refuse(checked.error());
  auto run = [&]() -> Result<std::string> {
    std::string result;
    codec::XmlWriter w(&result);
    TM_TRYV(operation->run(call, &w));
    return result;
  };
  auto result = co_await runtime::Blocking(services_.pool, run);
  if (!result) co_return refuse(result.error());
  co_return Answered(*service, *operation, *result, request_id);
}

}  // namespace tidemark::api
