#include "api/dynamodb/access.h"

#include "api/dynamodb/access_context.h"
#include "api/dynamodb/members.h"
#include "iam/authorize.h"
#include "policy/actions.h"

namespace tidemark::api::dynamodb {

namespace {

using codec::JsonValue;
using policy::ResourceForm;

// What RestoreItems reads of a backup of another table: its items, as a Scan.
constexpr std::string_view kReadsItem[] = {"dynamodb:GetItem"};
constexpr policy::Action kReadsItems{
    "RestoreItems", "dynamodb:Scan", ResourceForm::kTable,
    policy::kLeadingKeys | policy::kAttributes | policy::kWholeRows, kReadsItem};

iam::RestoreAccess AccessTo(std::string_view action, std::string_view backup) {
  return {.action = action,
          .source = std::string(backup),
          .source_table = std::string(backup.substr(0, backup.find("/backup/")))};
}

// The tables that are gone and whose data the restore may reach: their policies and tags still
// count. Of a backup its own, as it was then and as it was at the end; of a name all that were
// deleted under it.
std::vector<OwnedResource> FindDeleted(const iam::RestoreAccess& access,
                                       const catalog::Catalog& catalog) {
  std::vector<OwnedResource> found;
  const auto add = [&](const catalog::BackupPtr& backup) {
    const catalog::TablePtr source(backup, &backup->source);
    if (catalog.FindTable(source->id)) return;
    const auto* policy = source->policy.text.empty() ? nullptr : &source->policy;
    found.push_back({source->account, source, policy});
  };
  if (const auto backup = catalog.FindBackup(access.source)) {
    add(backup);
    if (found.empty()) return found;
    for (const auto& other : catalog.AllBackups()) {
      if (other->type == catalog::BackupType::kSystem && other->id != backup->id &&
          other->source.id == backup->source.id)
        add(other);
    }
    return found;
  }
  for (const auto& backup : catalog.AllBackups()) {
    if (backup->keeps_history() && backup->source.Arn() == access.source_table) add(backup);
  }
  return found;
}

// The ARN of the backup that a request reads, or what stands for one; empty: it reads none.
std::string_view BackupReadBy(std::string_view operation, const http::Request& request,
                              JsonValue body) {
  if (operation == "RestoreItems") return TextMember(body, "BackupArn");
  return request.Find("x-tidemark-from-backup").value_or("");
}

// One request on its way through its checks.
class Checker {
 public:
  Checker(const auth::Principal& principal, const http::Request& request, Timestamp now,
          const catalog::Catalog& catalog, const CompiledPolicies& policies,
          std::string_view from_backup)
      : principal_(principal),
        request_(request),
        now_(now),
        catalog_(catalog),
        policies_(policies),
        from_backup_(from_backup),
        asker_{principal.arn, principal.account.value, principal.identity.get()} {
    // Root could not take back what the policy of a deleted table says.
    if (!from_backup.empty() && !principal.is_root)
      gone_ = FindDeleted(AccessTo("", from_backup), catalog);
  }

  // One permission on one resource; `part` is what of the request speaks of it.
  Result<void> Check(const policy::Action& action, const std::string& resource,
                     const RequestPart& part) {
    const OwnedResource owned = FindOwned(resource, catalog_);
    const auto document = policies_.Find(owned.policy);
    const bool own = owned.account.value.empty() || owned.account == principal_.account;
    TM_TRYV(Note(own ? principal_.account : owned.account));
    for (const OwnedResource& gone : gone_) TM_TRYV(CheckNotDenied(action, resource, part, gone));
    if (principal_.is_root && own && (!document || IsOfPolicies(action))) return {};
    return Ask(action, resource, part, owned, document.get());
  }

  // RestoreItems brings items of the backup's table to where others may read them: who cannot read
  // them there cannot bring them.
  Result<void> CheckItemsRead(JsonValue body) {
    const std::string source = AccessTo("", from_backup_).source_table;
    const RequestPart part{.body = body, .table = TextMember(body, "TableName")};
    if (source != TableArn(part.table)) return Check(kReadsItems, source, part);
    for (const OwnedResource& gone : gone_)
      TM_TRYV(CheckNotDenied(kReadsItems, source, part, gone));
    return {};
  }

  // Of a request that reads a backup, beside what it needs on the table that it names: whoever may
  // not restore the backup may not read it.
  Result<void> CheckBackupRead(JsonValue body) const {
    const policy::Action& action = *policy::FindAction("ReadBackup");
    const auto access = AccessTo(action.name, from_backup_);
    TM_TRYV(CheckRestoreNotDenied(action, body, access, FindOwned(access.source_table, catalog_)));
    for (const OwnedResource& gone : gone_)
      TM_TRYV(CheckRestoreNotDenied(action, body, access, gone));
    return {};
  }

  // Who puts a policy that takes from itself the right to put another says so in a header.
  Result<void> CheckKeepsAccess(const policy::Action& action, const std::string& arn,
                                const RequestPart& part) const {
    constexpr std::string_view kConfirm = "x-amz-confirm-remove-self-resource-access";
    if (principal_.is_root || request_.Find(kConfirm).value_or("") == "true") return {};
    const auto document =
        policy::ParseDocument(TextMember(part.body, "Policy"), policy::DocumentKind::kResource);
    if (!document || Ask(action, arn, part, FindOwned(arn, catalog_), &*document)) return {};
    return Fail(ErrorKind::kValidation,
                "The policy would take from you the permission to change it: confirm that with "
                "ConfirmRemoveSelfResourceAccess");
  }

  // Who restores a table with all of its settings sets what each of these sets.
  Result<void> CheckRestoredSettings(const RequestPart& part) {
    if (request_.Find("x-tidemark-restore-settings").value_or("") != "all") return {};
    const std::string target = TableArn(TextMember(part.body, "TargetTableName"));
    for (const std::string_view operation :
         {"TagResource", "UpdateContinuousBackups", "UpdateTable", "UpdateTimeToLive"}) {
      TM_TRYV(Check(*policy::FindAction(operation), target, part));
    }
    return {};
  }

  Result<void> CheckBatch(const policy::Action& action, JsonValue body) {
    codec::JsonObject tables;
    if (Member(body, "RequestItems").get(tables) != simdjson::SUCCESS) {
      return Check(action, TableArn(""), {.body = body});
    }
    for (auto [table, items] : tables) {
      TM_TRYV(Check(action, TableArn(table), {.body = body, .table = table}));
    }
    return {};
  }

  // Each item needs the permission of its own kind, and the transaction none.
  Result<void> CheckTransaction(const policy::Action& action, JsonValue body) {
    constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
        {"ConditionCheck", "ConditionCheckItem"},
        {"Delete", "DeleteItem"},
        {"Get", "GetItem"},
        {"Put", "PutItem"},
        {"Update", "UpdateItem"}};
    codec::JsonArray items;
    if (Member(body, "TransactItems").get(items) != simdjson::SUCCESS) {
      return Check(action, TableArn(""), {.body = body});
    }
    for (JsonValue item : items) {
      for (const auto& [member, operation] : kKinds) {
        const JsonValue part = Member(item, member);
        if (part.is_null()) continue;
        const std::string_view table = TextMember(part, "TableName");
        TM_TRYV(Check(*policy::FindAction(operation), TableArn(table),
                      {.body = part, .table = table, .enclosing = action.operation}));
      }
    }
    return {};
  }

  Result<void> CheckRestore(const policy::Action& action, JsonValue body, bool strict) const {
    iam::RestoreAccess access{.action = action.name};
    if (action.form == ResourceForm::kRestoreFromBackup) {
      access = AccessTo(action.name, TextMember(body, "BackupArn"));
    } else {
      const std::string_view arn = TextMember(body, "SourceTableArn");
      access.source = TableArn(arn.empty() ? TextMember(body, "SourceTableName") : arn);
      access.source_table = access.source;
    }
    access.target = TableArn(TextMember(body, "TargetTableName"));
    const OwnedResource owned = FindOwned(access.source_table, catalog_);
    TM_TRYV(CheckRestoreNotDenied(action, body, access, owned));
    if (principal_.is_root) return {};
    const auto deleted = FindDeleted(access, catalog_);
    for (const OwnedResource& gone : deleted)
      TM_TRYV(CheckRestoreNotDenied(action, body, access, gone));
    if (deleted.empty() || owned.table)
      TM_TRYV(CheckRestoreOf(action, body, access, owned, strict));
    for (const OwnedResource& gone : deleted)
      TM_TRYV(CheckRestoreOf(action, body, access, gone, strict));
    return {};
  }

  // Of several tables: each as if it were restored alone.
  Result<void> CheckRestores(const policy::Action& action, JsonValue body, bool strict) {
    codec::JsonArray tables;
    if (Member(body, "Tables").get(tables) != simdjson::SUCCESS)
      return CheckRestore(action, body, strict);  // it is refused for another reason then
    for (JsonValue table : tables) {
      TM_TRYV(CheckRestore(action, table, strict));
      TM_TRYV(CheckRestoredSettings({.body = table}));
    }
    return {};
  }

  // Of a table as requests name it, by name or ARN.
  std::string TableArn(std::string_view given) const {
    if (given.starts_with("arn:")) return std::string(given);
    std::string arn;  // appended to, not formatted: every request asks for it
    arn.reserve(64 + given.size());
    arn.append("arn:aws:dynamodb:").append(principal_.region.value).append(":");
    arn.append(principal_.account.value).append(":table/").append(given);
    return arn;
  }

  // Whose resources they all are.
  AccountId account() const { return account_.value_or(principal_.account); }

 private:
  // The root user of an account can always reach the policies of its own resources.
  static bool IsOfPolicies(const policy::Action& action) {
    return action.operation.ends_with("ResourcePolicy");
  }

  Result<void> Note(const AccountId& account) {
    if (!account_) account_ = account;
    if (*account_ == account) return {};
    return Fail(ErrorKind::kValidation,
                "All resources of a request must be of one account here: {} and {} are not",
                account_->value, account.value);
  }

  // By the asker's own policies; `owned` has the tags.
  Result<void> CheckRestoreOf(const policy::Action& action, JsonValue body,
                              const iam::RestoreAccess& access, const OwnedResource& owned,
                              bool strict) const {
    const AccessContext context(principal_, request_, now_, action, {.body = body}, owned,
                                from_backup_);
    for (const std::string_view covered : action.covers) {
      const auto decision = iam::Decide(asker_, covered, access.source, context);
      if (decision.outcome == policy::Outcome::kExplicitDeny)
        return Fail(iam::Denial(asker_, covered, access.source, decision));
    }
    return iam::AuthorizeRestore(*principal_.identity, access, context, strict);
  }

  // The source table's policy cannot allow a restore, but deny it: also to root, who can change the
  // policy as long as the table is there.
  Result<void> CheckRestoreNotDenied(const policy::Action& action, JsonValue body,
                                     const iam::RestoreAccess& access,
                                     const OwnedResource& owned) const {
    for (const std::string& arn : {access.source, access.source_table})
      TM_TRYV(CheckNotDenied(action, arn, {.body = body}, owned));
    return {};
  }

  // No explicit Deny, of the asker's policies or of the resource's.
  Result<void> CheckNotDenied(const policy::Action& action, const std::string& resource,
                              const RequestPart& part, const OwnedResource& owned) const {
    const auto document = policies_.Find(owned.policy);
    const AccessContext context(principal_, request_, now_, action, part, owned, from_backup_);
    const policy::NamedDocument named{document.get(), "resource"};
    iam::ResourceSide side;
    if (document) side.policies = {&named, 1};
    std::vector<std::string_view> actions(action.covers.begin(), action.covers.end());
    actions.push_back(action.name);
    for (const std::string_view asked : actions) {
      const auto decision = iam::Decide(asker_, asked, resource, context, side);
      if (decision.outcome == policy::Outcome::kExplicitDeny)
        return Fail(iam::Denial(asker_, asked, resource, decision, side));
    }
    return {};
  }

  Result<void> Ask(const policy::Action& action, const std::string& resource,
                   const RequestPart& part, const OwnedResource& owned,
                   const policy::Document* document) const {
    const AccessContext context(principal_, request_, now_, action, part, owned, from_backup_);
    const policy::NamedDocument named{document, "resource"};
    iam::ResourceSide side{.account = owned.account.value};
    if (document) side.policies = {&named, 1};
    TM_TRYV(iam::Authorize(asker_, action.name, resource, context, side));
    for (const std::string_view covered : action.covers) {
      const auto decision = iam::Decide(asker_, covered, resource, context, side);
      if (decision.outcome == policy::Outcome::kExplicitDeny)
        return Fail(iam::Denial(asker_, covered, resource, decision, side));
    }
    return {};
  }

  const auth::Principal& principal_;
  const http::Request& request_;
  const Timestamp now_;
  const catalog::Catalog& catalog_;
  const CompiledPolicies& policies_;
  const std::string_view from_backup_;  // the backup that is read; empty: none
  const iam::Asker asker_;
  std::vector<OwnedResource> gone_;  // the table of that backup, deleted
  std::optional<AccountId> account_;
};

Result<void> CheckForm(Checker& checker, const policy::Action& action, JsonValue body,
                       bool strict) {
  const std::string_view table = TextMember(body, "TableName");
  const auto on_member = [&](std::string_view member) {
    return checker.Check(action, std::string(TextMember(body, member)), {.body = body});
  };
  switch (action.form) {
    case ResourceForm::kEverything:
      return checker.Check(action, "*", {.body = body});
    case ResourceForm::kTable:
      return checker.Check(action, checker.TableArn(table), {.body = body, .table = table});
    case ResourceForm::kTableOrIndex: {
      const std::string_view index = TextMember(body, "IndexName");
      std::string resource = checker.TableArn(table);
      if (!index.empty()) resource.append("/index/").append(index);
      return checker.Check(action, resource, {.body = body, .table = table, .index = index});
    }
    case ResourceForm::kBatch:
      return checker.CheckBatch(action, body);
    case ResourceForm::kTransaction:
      return checker.CheckTransaction(action, body);
    case ResourceForm::kRestoreFromBackup:
    case ResourceForm::kRestoreToPointInTime:
      return checker.CheckRestore(action, body, strict);
    case ResourceForm::kRestoreTables:
      return checker.CheckRestores(action, body, strict);
    case ResourceForm::kBackup:
      return on_member("BackupArn");
    case ResourceForm::kResourceArn: {
      const std::string_view arn = TextMember(body, "ResourceArn");
      return checker.Check(action, std::string(arn), {.body = body, .table = arn});
    }
    case ResourceForm::kStream:
      return on_member("StreamArn");
    case ResourceForm::kShardIterator: {
      const std::string_view iterator = TextMember(body, "ShardIterator");
      return checker.Check(action, std::string(iterator.substr(0, iterator.find('|'))),
                           {.body = body});
    }
    default:
      break;  // not for policies to grant, of another service, or of operations to come
  }
  return Fail(ErrorKind::kInternal, "the action {} has no form", action.name);
}

}  // namespace

Result<AccountId> Access::Check(const auth::Principal& principal, const http::Request& request,
                                std::string_view operation, JsonValue body) const {
  const policy::Action* action = policy::FindAction(operation);
  if (!action || action->form == ResourceForm::kRoot) {
    if (action && principal.is_root) return principal.account;  // the operation asks which root
    return Fail(ErrorKind::kAccessDenied, "User: {} is not authorized to perform: {}",
                principal.arn, operation);
  }
  const std::string_view from_backup = BackupReadBy(operation, request, body);
  Checker checker(principal, request, clock_.Now(), catalog_, policies_, from_backup);
  TM_TRYV(CheckForm(checker, *action, body, strict_));
  if (!from_backup.empty()) TM_TRYV(checker.CheckBackupRead(body));
  if (!from_backup.empty() && operation == "RestoreItems") TM_TRYV(checker.CheckItemsRead(body));
  const RequestPart whole{.body = body};
  if (operation == "CreateTable" && !TextMember(body, "ResourcePolicy").empty()) {
    TM_TRYV(checker.Check(*policy::FindAction("PutResourcePolicy"),
                          checker.TableArn(TextMember(body, "TableName")), whole));
  }
  if (action->form == ResourceForm::kRestoreFromBackup ||
      action->form == ResourceForm::kRestoreToPointInTime) {
    TM_TRYV(checker.CheckRestoredSettings(whole));
  }
  if (operation == "PutResourcePolicy") {
    TM_TRYV(checker.CheckKeepsAccess(*action, std::string(TextMember(body, "ResourceArn")), whole));
  }
  return checker.account();
}

}  // namespace tidemark::api::dynamodb
