// Who may do what with vaults and recovery points.
#include <set>

#include "api/dynamodb/members.h"
#include "api/request_context.h"
#include "api/vaults/call.h"
#include "iam/authorize.h"
#include "vault/frameworks.h"
#include "vault/holds.h"
#include "vault/reports.h"
#include "vault/testing_plans.h"

namespace tidemark::api::vault_rest {

namespace {

using dynamodb::Member;
using dynamodb::TextMember;

// AWS Backup's own condition keys, and tags.
class BackupContext : public RequestContext {
 public:
  BackupContext(const VaultCall& call, JsonValue body, const vault::Tags* tags)
      : RequestContext(call.principal, call.request, call.services.real_clock.Now()),
        body_(body),
        tags_(tags) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view name) const override {
    constexpr std::string_view kRequestTag = "aws:requesttag/";
    constexpr std::string_view kResourceTag = "aws:resourcetag/";
    if (name.starts_with(kRequestTag)) return RequestTag(name.substr(kRequestTag.size()));
    if (name.starts_with(kResourceTag)) return ResourceTag(name.substr(kResourceTag.size()));
    if (name == "aws:tagkeys") return TagKeys();
    if (name == "backup:changeablefordays") return Number("ChangeableForDays");
    if (name == "backup:minretentiondays") return Number("MinRetentionDays");
    if (name == "backup:maxretentiondays") return Number("MaxRetentionDays");
    if (name == "backup:frameworkarns") return FrameworkArns();
    return RequestContext::Compute(name);
  }

 private:
  static constexpr std::string_view kTagMembers[] = {"BackupVaultTags", "RecoveryPointTags",
                                                     "BackupPlanTags",  "FrameworkTags",
                                                     "ReportPlanTags",  "Tags"};

  std::optional<policy::Values> RequestTag(std::string_view key) const {
    for (const std::string_view member : kTagMembers) {
      std::string_view value;
      if (Member(Member(body_, member), key).get(value) == simdjson::SUCCESS)
        return policy::Values{std::string(value)};
    }
    return std::nullopt;
  }

  std::optional<policy::Values> ResourceTag(std::string_view key) const {
    const auto at = tags_ ? tags_->find(std::string(key)) : vault::Tags::const_iterator();
    if (!tags_ || at == tags_->end()) return std::nullopt;
    return policy::Values{at->second};
  }

  std::optional<policy::Values> TagKeys() const {
    policy::Values keys;
    for (const std::string_view member : kTagMembers) {
      codec::JsonObject tags;
      if (Member(body_, member).get(tags) != simdjson::SUCCESS) continue;
      for (const auto& tag : tags) keys.emplace_back(tag.key);
    }
    codec::JsonArray list;
    if (Member(body_, "TagKeyList").get(list) == simdjson::SUCCESS) {
      for (const auto& one : list) {
        std::string_view key;
        if (one.get(key) == simdjson::SUCCESS) keys.emplace_back(key);
      }
    }
    if (keys.empty()) return std::nullopt;
    return keys;
  }

  std::optional<policy::Values> FrameworkArns() const {
    policy::Values arns;
    codec::JsonArray list;
    if (Member(Member(body_, "ReportSetting"), "FrameworkArns").get(list) != simdjson::SUCCESS)
      return std::nullopt;
    for (const auto& one : list) {
      std::string_view arn;
      if (one.get(arn) == simdjson::SUCCESS) arns.emplace_back(arn);
    }
    if (arns.empty()) return std::nullopt;
    return arns;
  }

  std::optional<policy::Values> Number(std::string_view member) const {
    int64_t number = 0;
    if (Member(body_, member).get(number) != simdjson::SUCCESS) return std::nullopt;
    return policy::Values{std::to_string(number)};
  }

  const JsonValue body_;
  const vault::Tags* const tags_;
};

// What a request is about.
struct Subject {
  std::string arn = "*";
  vault::Ptr<vault::VaultRecord> vault;  // whose policy counts; null: none
  vault::Ptr<vault::PointRecord> point;  // null: none, or it is not there
  vault::Ptr<vault::PlanRecord> plan;    // likewise
  vault::Ptr<vault::HoldRecord> hold;    // likewise, and the following
  vault::Ptr<vault::TestingPlanRecord> testing;
  vault::Ptr<vault::FrameworkRecord> framework;
  vault::Ptr<vault::ReportPlanRecord> report;

  const vault::Tags* tags() const {
    if (point) return &point->tags;
    if (plan) return &plan->tags;
    if (hold) return &hold->tags;
    if (testing) return &testing->tags;
    if (framework) return &framework->tags;
    if (report) return &report->tags;
    return vault && vault->Arn() == arn ? &vault->tags : nullptr;
  }
};

// Of one that is yet to be made: all. `kind`: "backup-plan".
std::string ArnOfKind(const vault::Place& place, std::string_view kind, std::string_view id) {
  return fmt::format("arn:aws:backup:{}:{}:{}:{}", place.region.value, place.account.value, kind,
                     id.empty() ? "*" : id);
}

void FindSubject(const vault::VaultScope& scope, Subject* subject) {
  subject->point = scope.store.Find<vault::PointRecord>(scope.place, subject->arn);
  if (subject->point)
    subject->vault = scope.store.Find<vault::VaultRecord>(scope.place, subject->point->vault);
}

// One that has a random part in its ARN; without it while it is yet to be made.
template <class Record>
void FindNamed(const vault::VaultScope& scope, const policy::Action& action, std::string_view kind,
               std::string_view name, vault::Ptr<Record>* found, std::string* arn) {
  const bool made = action.operation.starts_with("Create");
  if (!made) *found = scope.store.Find<Record>(scope.place, name);
  *arn = *found ? (*found)->Arn() : ArnOfKind(scope.place, kind, made ? "" : name);
}

// What the owner of an air-gapped vault can let other accounts do.
constexpr std::string_view kShared[] = {
    "DescribeBackupVault",
    "DescribeRecoveryPoint",
    "GetRecoveryPointRestoreMetadata",
    "ListProtectedResourcesByBackupVault",
    "ListRecoveryPointsByBackupVault",
    "StartCopyJob",
    "StartRestoreJob",
};

// Whose vault or recovery point a request is about.
AccountId OwnerOf(const VaultCall& call, const policy::Action& action, JsonValue body) {
  const AccountId& own = call.scope.place.account;
  if (std::ranges::find(kShared, action.operation) == std::end(kShared)) return own;
  if (action.operation.starts_with("Start")) {
    const auto place = vault::PlaceOfPoint(TextMember(body, "RecoveryPointArn"));
    return place && place->region == call.scope.place.region ? place->account : own;
  }
  const std::string_view named = TextMember(body, "BackupVaultAccountId");
  return named.empty() ? own : AccountId(std::string(named));
}

Subject SubjectOf(const VaultCall& call, const policy::Action& action, JsonValue body) {
  vault::VaultScope scope = call.scope;
  scope.place.account = OwnerOf(call, action, body);
  Subject subject;
  const std::string_view vault = TextMember(body, "BackupVaultName");
  switch (action.form) {
    case policy::ResourceForm::kVault:
      subject.arn = vault::VaultArnOf(scope.place.account, scope.place.region, vault);
      subject.vault = scope.store.Find<vault::VaultRecord>(scope.place, vault);
      break;
    case policy::ResourceForm::kRecoveryPoint:
      subject.arn = TextMember(body, "RecoveryPointArn");
      FindSubject(scope, &subject);
      break;
    case policy::ResourceForm::kPlan:
      subject.arn = ArnOfKind(scope.place, "backup-plan", TextMember(body, "BackupPlanId"));
      subject.plan = FindPlanByArn(scope, subject.arn);
      break;
    case policy::ResourceForm::kLegalHold:
      subject.arn = ArnOfKind(scope.place, "legal-hold", TextMember(body, "LegalHoldId"));
      subject.hold = vault::FindHoldByArn(scope, subject.arn);
      break;
    case policy::ResourceForm::kRestoreTestingPlan: {
      const std::string_view name = TextMember(body, "RestoreTestingPlanName");
      subject.testing = scope.store.Find<vault::TestingPlanRecord>(scope.place, name);
      subject.arn = subject.testing ? subject.testing->Arn()
                                    : ArnOfKind(scope.place, "restore-testing-plan", name);
      break;
    }
    case policy::ResourceForm::kFramework:
      FindNamed(scope, action, "framework", TextMember(body, "FrameworkName"), &subject.framework,
                &subject.arn);
      break;
    case policy::ResourceForm::kReportPlan:
      FindNamed(scope, action, "report-plan", TextMember(body, "ReportPlanName"), &subject.report,
                &subject.arn);
      break;
    case policy::ResourceForm::kResourceArn:
      subject.arn = TextMember(body, "ResourceArn");
      FindSubject(scope, &subject);
      subject.plan = FindPlanByArn(scope, subject.arn);
      subject.hold = vault::FindHoldByArn(scope, subject.arn);
      subject.testing = vault::FindTestingPlanByArn(scope, subject.arn);
      subject.framework = vault::FindFrameworkByArn(scope, subject.arn);
      subject.report = vault::FindReportPlanByArn(scope, subject.arn);
      for (const auto& one : scope.store.List<vault::VaultRecord>(scope.place)) {
        if (one->Arn() == subject.arn) subject.vault = one;
      }
      break;
    default:
      break;
  }
  return subject;
}

// What is not there and what is not allowed look alike.
Unexpected Foreign() {
  return Fail(ErrorKind::kAccessDenied, "Insufficient privileges to perform this action.");
}

iam::Asker AskerOfCall(const VaultCall& call) {
  const auth::Principal& who = call.principal;
  if (who.identity) return iam::AskerOf(*who.identity);
  return {who.arn, who.account.value, nullptr};
}

// The policy of the vault, if it has one, read into `document`.
Result<void> AddVaultPolicy(const Subject& subject, policy::Document* document,
                            std::vector<policy::NamedDocument>* policies) {
  if (!subject.vault || subject.vault->policy.empty()) return {};
  TM_TRY(*document, policy::ParseDocument(subject.vault->policy, policy::DocumentKind::kResource));
  policies->push_back({document, "vault"});
  return {};
}

}  // namespace

Result<void> AuthorizePassRole(const VaultCall& call, const std::string& role) {
  if (call.principal.is_root || role.empty()) return {};
  class PassContext : public RequestContext {
   public:
    using RequestContext::RequestContext;

   protected:
    std::optional<policy::Values> Compute(std::string_view name) const override {
      if (name == "iam:passedtoservice") return policy::Values{"backup.amazonaws.com"};
      return RequestContext::Compute(name);
    }
  };
  const PassContext context(call.principal, call.request, call.services.real_clock.Now());
  return iam::Authorize(*call.principal.identity, "iam:PassRole", role, context);
}

Result<void> AuthorizeRead(const VaultCall& call, std::string_view arn, JsonValue body) {
  Subject subject{.arn = std::string(arn)};
  FindSubject(call.scope, &subject);
  const bool foreign = call.principal.account != call.scope.place.account;
  if (foreign && subject.vault && !subject.vault->air_gapped) return Foreign();
  const BackupContext context(call, body, subject.tags());
  policy::Document document;
  std::vector<policy::NamedDocument> policies;
  TM_TRYV(AddVaultPolicy(subject, &document, &policies));
  const iam::ResourceSide side{.policies = policies, .account = call.scope.place.account.value};
  const iam::Asker asker = AskerOfCall(call);
  const policy::Action& action = *policy::FindAction("ReadBackup");
  TM_TRYV(iam::Authorize(asker, action.name, arn, context, side));
  for (const std::string_view covered : action.covers) {
    const auto decision = iam::Decide(asker, covered, arn, context, side);
    if (decision.outcome == policy::Outcome::kExplicitDeny)
      return Fail(iam::Denial(asker, covered, arn, decision, side));
  }
  return {};
}

Result<void> AuthorizeCall(const VaultCall& call, const policy::Action& action, JsonValue body) {
  const Subject subject = SubjectOf(call, action, body);
  const AccountId owner = OwnerOf(call, action, body);
  const bool foreign = owner != call.scope.place.account;
  if (foreign && (!subject.vault || !subject.vault->air_gapped)) return Foreign();
  const BackupContext context(call, body, subject.tags());
  policy::Document document;
  std::vector<policy::NamedDocument> policies;
  TM_TRYV(AddVaultPolicy(subject, &document, &policies));
  const auto allowed = iam::Authorize(AskerOfCall(call), action.name, subject.arn, context,
                                      {.policies = policies, .account = owner.value});
  if (!allowed && foreign) return Foreign();
  TM_TRYV(allowed);
  if (action.keys & policy::kPassesRole)
    return AuthorizePassRole(call, std::string(TextMember(body, "IamRoleArn")));
  return {};
}

vault::VaultScope OwnerScope(const VaultCall& call, const std::optional<std::string>& account) {
  vault::VaultScope scope = call.scope;
  if (account && !account->empty()) scope.place.account = AccountId(*account);
  return scope;
}

std::vector<vault::Ptr<vault::VaultRecord>> SharedVaults(const VaultCall& call, JsonValue body) {
  constexpr std::string_view kAction = "backup:ListRecoveryPointsByBackupVault";
  std::vector<vault::Ptr<vault::VaultRecord>> shared;
  for (const auto& one : call.scope.store.All<vault::VaultRecord>()) {
    if (!one->air_gapped || one->account == call.scope.place.account ||
        one->region != call.scope.place.region)
      continue;
    const auto document = policy::ParseDocument(one->policy, policy::DocumentKind::kResource);
    if (!document) continue;  // it has none
    const BackupContext context(call, body, &one->tags);
    const policy::NamedDocument named{&*document, "vault"};
    if (iam::Authorize(AskerOfCall(call), kAction, one->Arn(), context,
                       {.policies = {&named, 1}, .account = one->account.value}))
      shared.push_back(one);
  }
  return shared;
}

}  // namespace tidemark::api::vault_rest
