#include "api/sts/sessions.h"

#include "api/iam/answers.h"
#include "api/tag_keys.h"

namespace tidemark::api::sts_query {

namespace {

constexpr size_t kPolicyArnsMax = 10;

struct StsKey {
  std::string_view key;
  std::string_view member;
};
constexpr StsKey kStsKeys[] = {{"sts:externalid", "ExternalId"},
                               {"sts:rolesessionname", "RoleSessionName"},
                               {"sts:sourceidentity", "SourceIdentity"}};

}  // namespace

std::optional<policy::Values> StsContext::Compute(std::string_view key) const {
  for (const StsKey& one : kStsKeys) {
    if (key != one.key) continue;
    auto value = call_.parameters.Optional(one.member);
    return value ? std::optional(policy::Values{*std::move(value)}) : std::nullopt;
  }
  if (key == "sts:transitivetagkeys") {
    auto keys = call_.parameters.List("TransitiveTagKeys");
    return keys.empty() ? std::nullopt : std::optional(std::move(keys));
  }
  if (auto values = ResourceTagValues(resource_tags_, key)) return values;
  if (auto values = RequestTagValues(call_.parameters, key)) return values;
  return RequestContext::Compute(key);
}

Result<void> ReadSessionLimits(const QueryCall& call, iam::Session* session) {
  const auto& p = call.parameters;
  if (const std::string* text = p.Find("Policy")) {
    TM_TRY(session->policy, iam::PolicyText::Parse(*text));
  }
  const size_t arns = p.Count("PolicyArns");
  if (arns > kPolicyArnsMax) {
    return Fail(ErrorKind::kLimitExceeded, "Cannot exceed quota for PolicyArns: {}",
                kPolicyArnsMax);
  }
  const auto account = call.services.directory.Find(session->account);
  for (size_t i = 0; i < arns; ++i) {
    const std::string& arn = p.Text(wire::ElementName("PolicyArns", i, "arn"));
    if (!account->FindPolicy(arn))
      return Fail(ErrorKind::kConstraint, "Policy {} does not exist or is not attachable.", arn);
    session->policy_arns.push_back(arn);
  }
  const iam::Tags tags = iam_query::TagsOf(p);
  TM_TRYV(iam::CheckTags(tags, "TagsPerSession"));
  for (const auto& [key, value] : tags) session->tags[key] = value;
  return {};
}

Result<void> RefuseSecondFactor(const QueryCall& call) {
  if (!call.parameters.Find("SerialNumber") && !call.parameters.Find("TokenCode")) return {};
  return Fail(ErrorKind::kAccessDenied,
              "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your "
              "MFA serial number is valid and associated with this user.");
}

void WriteCredentials(const iam::IssuedSession& issued, codec::XmlWriter* w) {
  w->Open("Credentials").Text("AccessKeyId", issued.session->access_key.value);
  w->Text("SecretAccessKey", issued.session->secret).Text("SessionToken", issued.token);
  w->Time("Expiration", issued.session->expires).Close("Credentials");
}

void WritePackedSize(const iam::Session& session, codec::XmlWriter* w) {
  if (const size_t bytes = session.PackedBytes(); bytes > 0) {
    w->Int("PackedPolicySize",
           static_cast<int64_t>((bytes * 100 + iam::kPackedMax - 1) / iam::kPackedMax));
  }
}

}  // namespace tidemark::api::sts_query
