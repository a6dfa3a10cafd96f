#include "iam/managed_policies.h"

#include "base/assert.h"

namespace tidemark::iam {
namespace {

struct Given {
  std::string_view name;
  std::string_view description;
  std::string_view actions;  // of the one statement, on all resources
};

constexpr Given kGiven[] = {
    {"AdministratorAccess", "All actions on all resources.", R"("*")"},
    {"AmazonDynamoDBFullAccess", "All actions of DynamoDB.", R"("dynamodb:*")"},
    {"AmazonDynamoDBReadOnlyAccess", "Reads of tables, backups and streams.",
     R"("dynamodb:BatchGetItem","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*",)"
     R"("dynamodb:PartiQLSelect","dynamodb:Query","dynamodb:Scan")"},
    {"IAMFullAccess", "All actions of IAM.", R"("iam:*")"},
    {"IAMReadOnlyAccess", "Reads of users, groups and policies.",
     R"("iam:GenerateCredentialReport","iam:Get*","iam:List*","iam:Simulate*")"},
};

PolicyPtr Make(const Given& given) {
  auto text = PolicyText::Parse(
      fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{}],)"
                  R"("Resource":"*"}}]}})",
                  given.actions));
  TM_ASSERT(text);
  auto policy = std::make_shared<PolicyRecord>();
  policy->account = AccountId("aws");
  policy->name = given.name;
  // As random ones look; the same at every start.
  policy->id = "ANPA" + policy::Lower(given.name).substr(0, 17);
  for (char& c : policy->id) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  policy->id.resize(21, 'A');
  policy->description = given.description;
  policy->created = policy->updated =
      Timestamp(std::chrono::sys_days{std::chrono::year(2026) / 1 / 1});
  policy->versions.push_back({1, *std::move(text), policy->created});
  return policy;
}

}  // namespace

const std::vector<PolicyPtr>& AwsPolicies() {
  static const std::vector<PolicyPtr> kPolicies = [] {
    std::vector<PolicyPtr> policies;
    for (const Given& given : kGiven) policies.push_back(Make(given));
    return policies;
  }();
  return kPolicies;
}

PolicyPtr FindAwsPolicy(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy/";
  if (!arn.starts_with(kPrefix)) return nullptr;
  arn.remove_prefix(kPrefix.size());
  for (const PolicyPtr& policy : AwsPolicies()) {
    if (policy->name == arn) return policy;
  }
  return nullptr;
}

}  // namespace tidemark::iam
