#include "table/resource_policies.h"

#include "policy/document.h"
#include "table/table_name.h"

namespace tidemark::table {
namespace {

constexpr size_t kPolicyBytesMax = 20 * 1024;
constexpr std::string_view kNoPolicy = "NO_POLICY";

// The table, and the label of its stream if that is meant.
struct PolicyPlace {
  std::string_view table;
  std::string_view stream;
};

Result<PolicyPlace> PlaceOf(const Caller& caller, std::string_view arn) {
  TM_TRY(const std::string_view rest, TaggedTableOf(caller, arn));
  constexpr std::string_view kStream = "/stream/";
  const size_t at = rest.find(kStream);
  if (at == rest.npos) return PolicyPlace{rest, ""};
  return PolicyPlace{rest.substr(0, at), rest.substr(at + kStream.size())};
}

// Of the table or stream. Null: the table has no such stream.
catalog::ResourcePolicy* PolicyOf(catalog::TableRecord& table, std::string_view stream) {
  if (stream.empty()) return &table.policy;
  return table.stream && table.stream->label == stream ? &table.stream->policy : nullptr;
}

Unexpected NoSuchResource(std::string_view arn) {
  return Fail(ErrorKind::kResourceNotFound,
              "Requested resource not found: ResourceArn: {} not found", arn);
}

Unexpected NoSuchRevision(std::string_view arn) {
  Error error = MakeError(ErrorKind::kResourceNotFound,
                          "Resource-based policy not found for the provided ResourceArn: {}", arn);
  error.detail = std::make_shared<const PolicyNotFound>();
  return Unexpected(std::move(error));
}

bool IsExpected(const catalog::ResourcePolicy& policy, const std::optional<std::string>& expected) {
  if (!expected) return true;
  return policy.text.empty() ? *expected == kNoPolicy : *expected == policy.revision;
}

}  // namespace

Result<void> CheckResourcePolicy(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return Fail(ErrorKind::kValidation,
                "Resource-based policy is too large: {} bytes; at most {} are allowed", text.size(),
                kPolicyBytesMax);
  }
  const auto parsed = policy::ParseDocument(text, policy::DocumentKind::kResource);
  if (!parsed)
    return Fail(ErrorKind::kValidation, "Invalid resource-based policy: {}",
                parsed.error().message);
  if (policy::IsPublic(*parsed)) {
    return Fail(ErrorKind::kValidation,
                "Invalid resource-based policy: it gives access to everybody. Name principals, or "
                "say in a condition whom it means");
  }
  return {};
}

std::string NewRevision(Random& random) { return std::to_string(random.Next()); }

Task<std::string> ResourcePolicies::EditPolicy(Caller caller, std::string arn, Edit edit) {
  TM_CO_TRY(const auto place, PlaceOf(caller, arn));
  const auto found = catalog_.FindTable(caller.account, caller.region, place.table);
  if (!found) co_return NoSuchResource(arn);
  auto change = [&]() -> Result<std::string> {
    std::string answer;
    const auto edit_policy = [&](catalog::TableRecord& table) -> Result<void> {
      auto* policy = PolicyOf(table, place.stream);
      if (!policy) return NoSuchResource(arn);
      TM_TRY(answer, edit(policy));
      return {};
    };
    TM_TRYV(catalog_.EditTable(found->id, edit_policy, caller.origin));
    return answer;
  };
  co_return co_await runtime::Blocking(pool_, std::move(change));
}

Task<std::string> ResourcePolicies::Put(Caller caller, std::string arn, std::string text,
                                        std::optional<std::string> expected) {
  TM_CO_TRYV(CheckResourcePolicy(text));
  Edit edit = [&random = random_, arn, text = std::move(text), expected = std::move(expected)](
                  catalog::ResourcePolicy* policy) -> Result<std::string> {
    if (!IsExpected(*policy, expected)) return NoSuchRevision(arn);
    if (policy->text != text) *policy = {text, NewRevision(random)};
    return policy->revision;
  };
  co_return co_await EditPolicy(std::move(caller), std::move(arn), std::move(edit));
}

Result<catalog::ResourcePolicy> ResourcePolicies::Get(const Caller& caller,
                                                      std::string_view arn) const {
  TM_TRY(const auto place, PlaceOf(caller, arn));
  const auto found = catalog_.FindTable(caller.account, caller.region, place.table);
  if (!found) return NoSuchResource(arn);
  catalog::TableRecord table = *found;
  const auto* policy = PolicyOf(table, place.stream);
  if (!policy) return NoSuchResource(arn);
  if (policy->text.empty()) return NoSuchRevision(arn);
  return *policy;
}

Task<std::string> ResourcePolicies::Delete(Caller caller, std::string arn,
                                           std::optional<std::string> expected) {
  Edit edit = [arn, expected = std::move(expected)](
                  catalog::ResourcePolicy* policy) -> Result<std::string> {
    if (!IsExpected(*policy, expected)) return NoSuchRevision(arn);
    return std::exchange(*policy, catalog::ResourcePolicy()).revision;
  };
  co_return co_await EditPolicy(std::move(caller), std::move(arn), std::move(edit));
}

}  // namespace tidemark::table
