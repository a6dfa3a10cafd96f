#include "api/iam/access.h"

#include "api/request_context.h"
#include "api/tag_keys.h"
#include "iam/authorize.h"

namespace tidemark::api::iam_query {

namespace {

// The keys of IAM's own requests beside the global ones: tags of what it is about, and those it
// brings.
class IamContext : public RequestContext {
 public:
  IamContext(const QueryCall& call, Resource about)
      : RequestContext(call.principal, call.request, call.scope.now), call_(call), about_(about) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view key) const override {
    if (auto values = ResourceTagValues(TagsOfResource(), key)) return values;
    if (auto values = RequestTagValues(call_.parameters, key)) return values;
    return RequestContext::Compute(key);
  }

 private:
  iam::Tags TagsOfResource() const {
    const auto& p = call_.parameters;
    if (about_ == Resource::kUser) {
      const auto& identity = call_.principal.identity;
      const std::string* name = p.Find("UserName");
      if (!name && identity) name = &identity->facts().user_name;
      const auto* user = name ? call_.account->FindUser(*name) : nullptr;
      return user ? (*user)->tags : iam::Tags();
    }
    if (about_ == Resource::kRole) {
      const auto* role = call_.account->FindRole(p.Text("RoleName"));
      return role ? (*role)->tags : iam::Tags();
    }
    if (about_ == Resource::kPolicy) {
      const auto policy = call_.account->FindPolicy(p.Text("PolicyArn"));
      return policy ? policy->tags : iam::Tags();
    }
    return {};
  }

  const QueryCall& call_;
  const Resource about_;
};

}  // namespace

Result<void> Authorize(const QueryCall& call, const OperationShape& shape) {
  const auto& session = call.principal.session;
  if (session && session->kind != iam::Session::Kind::kRole) {
    return Fail(ErrorKind::kUnrecognizedClient,
                "The security token included in the request is invalid");
  }
  if (call.principal.is_root) return {};
  const IamContext context(call, shape.resource);
  const std::string action = fmt::format("iam:{}", shape.name);
  const auto check = [&](const std::string& resource) {
    return iam::Authorize(*call.principal.identity, action, resource, context);
  };
  TM_TRYV(check(ResourceOf(shape.resource, call)));
  const auto renamed = RenamedTo(shape.resource, call);
  return renamed ? check(*renamed) : Result<void>();
}

}  // namespace tidemark::api::iam_query
