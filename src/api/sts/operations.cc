#include "api/sts/operations.h"

#include <algorithm>

#include "api/sts/handlers.h"
#include "api/sts/sessions.h"
#include "iam/authorize.h"

namespace tidemark::api::sts_query {

namespace {

constexpr std::chrono::seconds kUserDuration{12 * 3600};
constexpr std::chrono::seconds kRootDurationMax{3600};

constexpr QueryOperation kOperations[] = {{"AssumeRole", AssumeRole},
                                          {"GetAccessKeyInfo", GetAccessKeyInfo},
                                          {"GetCallerIdentity", GetCallerIdentity},
                                          {"GetFederationToken", GetFederationToken},
                                          {"GetSessionToken", GetSessionToken}};

Result<void> AuthorizeOn(const QueryCall& call, std::string_view action,
                         const std::string& resource) {
  if (call.principal.is_root) return {};
  return iam::Authorize(*call.principal.identity, action, resource, StsContext(call, {}));
}

// Only who has long-term keys gets these. Of root they last an hour at most.
Result<void> BeginSession(const QueryCall& call, std::string_view operation,
                          iam::Session* session) {
  if (call.principal.session) {
    return Fail(ErrorKind::kAccessDenied, "Cannot call {} with session credentials", operation);
  }
  session->account = call.principal.account;
  if (call.principal.identity) session->entity_id = call.principal.identity->facts().user_id;
  session->issued = call.services.clock.Now();
  std::chrono::seconds duration(call.parameters.Int("DurationSeconds", kUserDuration.count()));
  if (call.principal.is_root) duration = std::min(duration, kRootDurationMax);
  session->expires = session->issued + duration;
  return {};
}

}  // namespace

Result<void> GetCallerIdentity(const QueryCall& call, XmlWriter* w) {
  const auto& identity = call.principal.identity;
  w->Text("Arn", call.principal.arn);
  w->Text("UserId", identity ? identity->facts().user_id : call.principal.account.value);
  w->Text("Account", call.principal.account.value);
  return {};
}

Result<void> GetSessionToken(const QueryCall& call, XmlWriter* w) {
  TM_TRYV(RefuseSecondFactor(call));
  iam::Session session{.kind = iam::Session::Kind::kUser};
  TM_TRYV(BeginSession(call, "GetSessionToken", &session));
  TM_TRY(const auto issued, call.services.sessions.Issue(std::move(session)));
  WriteCredentials(issued, w);
  return {};
}

Result<void> GetFederationToken(const QueryCall& call, XmlWriter* w) {
  const std::string& name = call.parameters.Text("Name");
  const std::string& account = call.principal.account.value;
  const std::string arn = fmt::format("arn:aws:sts::{}:federated-user/{}", account, name);
  iam::Session session{.kind = iam::Session::Kind::kFederatedUser, .name = name};
  TM_TRYV(BeginSession(call, "GetFederationToken", &session));
  TM_TRYV(AuthorizeOn(call, "sts:GetFederationToken", arn));
  TM_TRYV(ReadSessionLimits(call, &session));
  if (!session.tags.empty()) TM_TRYV(AuthorizeOn(call, "sts:TagSession", arn));
  TM_TRY(const auto issued, call.services.sessions.Issue(std::move(session)));
  WriteCredentials(issued, w);
  w->Open("FederatedUser").Text("FederatedUserId", fmt::format("{}:{}", account, name));
  w->Text("Arn", arn).Close("FederatedUser");
  WritePackedSize(*issued.session, w);
  return {};
}

Result<void> GetAccessKeyInfo(const QueryCall& call, XmlWriter* w) {
  TM_TRYV(AuthorizeOn(call, "sts:GetAccessKeyInfo", "*"));
  const std::string& id = call.parameters.Text("AccessKeyId");
  auto account = iam::Sessions::AccountOf(id);
  if (const auto credential = call.services.credentials.Lookup(AccessKeyId(id), ""))
    account = credential->account;
  if (!account) return Fail(ErrorKind::kConstraint, "Access key {} is not known here", id);
  w->Text("Account", account->value);
  return {};
}

std::span<const QueryOperation> Operations() { return kOperations; }

}  // namespace tidemark::api::sts_query
