// AssumeRole: who may, by the role's trust policy and the caller's own; and what the session has.
#include <algorithm>

#include "api/iam/answers.h"
#include "api/sts/handlers.h"
#include "api/sts/sessions.h"
#include "iam/authorize.h"

namespace tidemark::api::sts_query {

namespace {

constexpr std::chrono::seconds kDefaultDuration{3600};
constexpr std::chrono::seconds kChainedMax{3600};

// The role an ARN names. Null: there is none, which callers are not told.
iam::RolePtr FindRoleByArn(const QueryCall& call, std::string_view arn, AccountId* account) {
  constexpr std::string_view kPrefix = "arn:aws:iam::";
  const size_t colon = arn.find(':', kPrefix.size());
  if (!arn.starts_with(kPrefix) || colon == std::string_view::npos) return nullptr;
  *account = AccountId(std::string(arn.substr(kPrefix.size(), colon - kPrefix.size())));
  const auto* role =
      call.services.directory.Find(*account)->FindRole(arn.substr(arn.rfind('/') + 1));
  return role && (*role)->Arn() == arn ? *role : nullptr;
}

Result<void> AuthorizeTrust(const QueryCall& call, std::string_view action, const std::string& arn,
                            const iam::RolePtr& role, const AccountId& account) {
  const StsContext context(call, role ? role->tags : iam::Tags());
  std::vector<policy::NamedDocument> trust;
  if (role) trust.push_back({role->trust.document.get(), "trust"});
  return iam::Authorize(iam::AskerOf(*call.principal.identity), action, arn, context,
                        {.policies = trust,
                         .account = account.value,
                         .must_allow = true,
                         .name = "role trust policy"});
}

Result<std::chrono::seconds> DurationOf(const QueryCall& call, const iam::RoleRecord& role) {
  const std::chrono::seconds asked(
      call.parameters.Int("DurationSeconds", kDefaultDuration.count()));
  const auto& session = call.principal.session;
  if (session && session->kind == iam::Session::Kind::kRole && asked > kChainedMax) {
    return Fail(ErrorKind::kConstraint,
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
                "by role chaining.");
  }
  if (asked > role.session_max) {
    return Fail(ErrorKind::kConstraint,
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return asked;
}

// What goes on along a chain of roles: tags that are transitive, and who it began with.
Result<void> Inherit(const QueryCall& call, iam::Session* session) {
  const auto& p = call.parameters;
  session->transitive = p.List("TransitiveTagKeys");
  for (const std::string& key : session->transitive) {
    if (iam_query::TagsOf(p).contains(key)) continue;
    return Fail(ErrorKind::kConstraint,
                "The specified transitive tag key must be included in the requested tags: {}", key);
  }
  session->source_identity = p.Text("SourceIdentity");
  const auto& chain = call.principal.session;
  if (!chain) return {};
  for (const std::string& key : chain->transitive) {
    if (session->tags.contains(key)) {
      return Fail(ErrorKind::kConstraint,
                  "One of the specified transitive tag keys can't be set because it conflicts with "
                  "a transitive tag key from the calling session: {}",
                  key);
    }
    const auto tag = chain->tags.find(key);
    if (tag != chain->tags.end()) session->tags[key] = tag->second;
    session->transitive.push_back(key);
  }
  if (chain->source_identity.empty()) return {};
  if (!session->source_identity.empty() && session->source_identity != chain->source_identity) {
    return Fail(ErrorKind::kAccessDenied,
                "SourceIdentity is set by the calling session and cannot be changed");
  }
  session->source_identity = chain->source_identity;
  return {};
}

}  // namespace

Result<void> AssumeRole(const QueryCall& call, XmlWriter* w) {
  const auto& p = call.parameters;
  if (call.principal.is_root)
    return Fail(ErrorKind::kAccessDenied, "Roles may not be assumed by root accounts.");
  const auto& chain = call.principal.session;
  if (chain && chain->kind == iam::Session::Kind::kFederatedUser) {
    return Fail(ErrorKind::kAccessDenied, "Cannot call AssumeRole with federation credentials");
  }
  TM_TRYV(RefuseSecondFactor(call));
  const std::string& arn = p.Text("RoleArn");
  AccountId account;
  const iam::RolePtr role = FindRoleByArn(call, arn, &account);
  TM_TRYV(AuthorizeTrust(call, "sts:AssumeRole", arn, role, account));
  iam::Session session{.kind = iam::Session::Kind::kRole,
                       .account = account,
                       .entity_id = role->id,
                       .name = p.Text("RoleSessionName"),
                       .issued = call.services.clock.Now()};
  TM_TRY(const auto duration, DurationOf(call, *role));
  session.expires = session.issued + duration;
  TM_TRYV(ReadSessionLimits(call, &session));
  TM_TRYV(Inherit(call, &session));
  if (!session.tags.empty()) TM_TRYV(AuthorizeTrust(call, "sts:TagSession", arn, role, account));
  if (!session.source_identity.empty())
    TM_TRYV(AuthorizeTrust(call, "sts:SetSourceIdentity", arn, role, account));
  TM_TRY(const auto issued, call.services.sessions.Issue(std::move(session)));
  WriteCredentials(issued, w);
  w->Open("AssumedRoleUser");
  w->Text("AssumedRoleId", fmt::format("{}:{}", role->id, issued.session->name));
  w->Text("Arn", fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account.value, role->name,
                             issued.session->name));
  w->Close("AssumedRoleUser");
  WritePackedSize(*issued.session, w);
  if (!issued.session->source_identity.empty())
    w->Text("SourceIdentity", issued.session->source_identity);
  return {};
}

}  // namespace tidemark::api::sts_query
