#include "api/query_api.h"

#include <algorithm>

#include "api/iam/answers.h"
#include "api/iam/errors.h"
#include "api/iam/operations.h"
#include "api/query_operation.h"
#include "api/request_context.h"
#include "api/sts/operations.h"
#include "auth/claimed_service.h"
#include "iam/authorize.h"

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

const QueryOperation* FindOperation(const Service& service, std::string_view name) {
  const auto operations = service.name == "iam" ? iam_query::Operations() : sts_query::Operations();
  const auto at = std::ranges::lower_bound(operations, name, {}, &QueryOperation::name);
  return at != operations.end() && at->name == name ? &*at : nullptr;
}

// The keys of IAM's own requests beside the global ones: tags of the user it is about, and those it
// brings.
class IamContext : public RequestContext {
 public:
  IamContext(const QueryCall& call, const http::Request& request, iam_query::Resource about)
      : RequestContext(call.principal, request, call.scope.now), call_(call), about_(about) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view key) const override {
    constexpr std::string_view kResourceTag = "aws:resourcetag/";
    constexpr std::string_view kRequestTag = "aws:requesttag/";
    if (key.starts_with(kResourceTag)) return UserTag(key.substr(kResourceTag.size()));
    if (key.starts_with(kRequestTag)) {
      const iam::Tags tags = iam_query::TagsOf(call_.parameters);
      const auto tag = tags.find(std::string(key.substr(kRequestTag.size())));
      return tag == tags.end() ? std::nullopt : std::optional(policy::Values{tag->second});
    }
    if (key == "aws:tagkeys") return TagKeys();
    return RequestContext::Compute(key);
  }

 private:
  std::optional<policy::Values> UserTag(std::string_view key) const {
    if (about_ != iam_query::Resource::kUser) return std::nullopt;
    const std::string* name = call_.parameters.Find("UserName");
    if (!name && call_.principal.identity) name = &call_.principal.identity->user().name;
    const auto* user = name ? call_.account->FindUser(*name) : nullptr;
    if (!user) return std::nullopt;
    const auto tag = (*user)->tags.find(std::string(key));
    if (tag == (*user)->tags.end()) return std::nullopt;
    return policy::Values{tag->second};
  }

  std::optional<policy::Values> TagKeys() const {
    policy::Values keys = call_.parameters.List("TagKeys");
    for (const auto& [key, value] : iam_query::TagsOf(call_.parameters)) keys.push_back(key);
    return keys.empty() ? std::nullopt : std::optional(std::move(keys));
  }

  const QueryCall& call_;
  const iam_query::Resource about_;
};

// Form, then permission. STS's operations have neither members nor permissions.
Result<void> CheckIam(const QueryCall& call, const http::Request& request, std::string_view name) {
  const auto shapes = iam_query::kOperationShapes;
  const auto shape = std::ranges::lower_bound(shapes, name, {}, &iam_query::OperationShape::name);
  TM_TRYV(call.parameters.Check(shape->members));
  if (call.principal.is_root) return {};
  const IamContext context(call, request, shape->resource);
  const std::string action = fmt::format("iam:{}", name);
  const auto check = [&](const std::string& resource) {
    return iam::Authorize(*call.principal.identity, action, resource, context);
  };
  TM_TRYV(check(iam_query::ResourceOf(shape->resource, call)));
  const auto renamed = iam_query::RenamedTo(shape->resource, call);
  return renamed ? check(*renamed) : Result<void>();
}

http::Response Answer(const Service& service, std::string_view operation, const std::string& result,
                      const std::string& request_id) {
  http::Response response;
  response.content_type = "text/xml";
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  std::string& body = response.body;
  body = fmt::format("<{}Response xmlns=\"{}\">", operation, service.xmlns);
  if (!result.empty()) body += fmt::format("<{0}Result>{1}</{0}Result>", operation, result);
  codec::XmlWriter w(&body);
  w.Open("ResponseMetadata").Text("RequestId", request_id).Close("ResponseMetadata");
  w.Close(fmt::format("{}Response", operation));
  return response;
}

}  // namespace

asio::awaitable<http::Response> QueryApi::Handle(const http::Request& request,
                                                 const std::string& request_id) {
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
  if (!principal) co_return refuse(principal.error());
  const QueryOperation* operation = FindOperation(*service, name);
  if (!operation) {
    co_return refuse(MakeError(ErrorKind::kUnknownOperation,
                               "Could not find operation {} for version {}", name,
                               service->version));
  }
  const QueryCall call{.services = services_,
                       .principal = *principal,
                       .parameters = parameters,
                       .scope = {services_.directory, principal->account, services_.random,
                                 services_.real_clock.Now()},
                       .account = services_.directory.Find(principal->account)};
  if (service->name == "iam") {
    auto checked = CheckIam(call, request, name);
    if (!checked) co_return refuse(checked.error());
  }
  auto run = [&]() -> Result<std::string> {
    std::string result;
    codec::XmlWriter w(&result);
    TM_TRYV(operation->run(call, &w));
    return result;
  };
  auto result = co_await runtime::Blocking(services_.pool, run);
  if (!result) co_return refuse(result.error());
  co_return Answer(*service, name, *result, request_id);
}

}  // namespace tidemark::api
