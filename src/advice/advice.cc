#include "advice/advice.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "advice/restore_testing.h"
#include "vault/plan_schedule.h"
#include "vault/plans.h"
#include "vault/testing_plans.h"

namespace tidemark::advice {
namespace {

using catalog::BackupPtr;
using catalog::TablePtr;

class Examination {
 public:
  Examination(const Sources& sources, const Question& question)
      : sources_(sources), question_(question) {
    for (const auto& table : sources.catalog.AllTables()) {
      const bool tests = vault::TagsOfTable(*table).contains(std::string(vault::kTestTableTag));
      if (table->account == question.account && !tests &&
          table->status == catalog::TableStatus::kActive)
        tables_.push_back(table);
    }
    for (const auto& backup : sources.catalog.AllBackups()) {
      const bool counts = backup->type != catalog::BackupType::kSystem &&
                          backup->status == catalog::BackupStatus::kAvailable;
      if (backup->source.account == question.account && counts) backups_.push_back(backup);
    }
  }

  std::vector<Finding> Run() {
    for (const auto& table : tables_) {
      CheckRecovery(*table);
      CheckPlan(*table);
      CheckLastBackup(*table);
      CheckRestoreTests(sources_.vaults, *table, &found_);
    }
    for (const auto& backup : backups_) CheckOrphan(*backup);
    CheckStore();
    CheckVaults();
    CheckKeys();
    std::ranges::sort(found_, {}, [](const Finding& one) {
      return std::tie(one.severity, one.check, one.resource);
    });
    return std::move(found_);
  }

 private:
  void Find(Severity severity, std::string_view check, const Region& region, std::string resource,
            std::string text, std::string command) {
    found_.push_back(
        {severity, check, region, std::move(resource), std::move(text), std::move(command)});
  }
  static std::string Aws(std::string_view act, const Region& region) {
    return fmt::format("aws {} --region {}", act, region.value);
  }

  void CheckRecovery(const catalog::TableRecord& table) {
    if (table.pitr.enabled) return;
    Find(Severity::kHigh, "RECOVERY_OFF", table.region, table.Arn(),
         fmt::format("Table {} has no point-in-time recovery: what a fault deletes is gone.",
                     table.name),
         Aws("dynamodb update-continuous-backups", table.region) +
             fmt::format(" --table-name {} --point-in-time-recovery-specification "
                         "PointInTimeRecoveryEnabled=true",
                         table.name));
  }

  void CheckPlan(const catalog::TableRecord& table) {
    vault::Tags tags;
    for (const auto& tag : table.tags) tags[tag.key] = tag.value;
    const vault::Place place{table.account, table.region};
    for (const auto& selection : sources_.vaults.List<vault::SelectionRecord>(place)) {
      const auto plan = sources_.vaults.Find<vault::PlanRecord>(place, selection->plan_id);
      if (plan && !plan->deleted && vault::Selects(*selection, table.Arn(), tags)) return;
    }
    Find(Severity::kMedium, "NO_PLAN", table.region, table.Arn(),
         fmt::format("No backup plan covers table {}.", table.name),
         Aws("backup create-backup-selection", table.region) +
             fmt::format(" --backup-plan-id PLAN --backup-selection "
                         "SelectionName={},IamRoleArn=ROLE,Resources={}",
                         table.name, table.Arn()));
  }

  void CheckLastBackup(const catalog::TableRecord& table) {
    Timestamp last{};
    for (const auto& backup : backups_) {
      if (backup->source.id == table.id) last = std::max(last, backup->created);
    }
    if (last + question_.backup_age_max >= question_.now) return;
    const auto days = std::chrono::floor<std::chrono::days>(question_.now - last).count();
    Find(Severity::kMedium, "LAST_BACKUP_TOO_OLD", table.region, table.Arn(),
         last == Timestamp{}
             ? fmt::format("Table {} has no backup.", table.name)
             : fmt::format("The last backup of table {} is {} days old.", table.name, days),
         Aws("dynamodb create-backup", table.region) +
             fmt::format(" --table-name {0} --backup-name {0}", table.name));
  }

  void CheckOrphan(const catalog::BackupRecord& backup) {
    if (backup.type != catalog::BackupType::kUser ||
        sources_.catalog.FindTable(backup.source.id) != nullptr)
      return;
    Find(Severity::kLow, "ORPHANED_BACKUP", backup.source.region, backup.Arn(),
         fmt::format("Backup {} is of table {}, which is gone, and is kept until somebody deletes "
                     "it.",
                     backup.name, backup.source.name),
         Aws("dynamodb delete-backup", backup.source.region) + " --backup-arn " + backup.Arn());
  }

  // One finding of each Region.
  void CheckStore() {
    std::map<Region, std::pair<size_t, BackupPtr>> lacking;
    for (const auto& backup : backups_) {
      if (backup->copy == catalog::StoreCopy::kThere) continue;
      auto& [count, first] = lacking[backup->source.region];
      if (count++ == 0) first = backup;
    }
    for (const auto& [region, lack] : lacking) {
      const auto& [count, first] = lack;
      Find(Severity::kHigh, "SAME_DISK_ONLY", region, first->Arn(),
           fmt::format("{} backup(s) in {} are on the disk of the tables only, and go with it; one "
                       "of them is {}.",
                       count, region.value, first->name),
           sources_.has_store
               ? "tidemark backup copy " + first->Arn()
               : "tidemark serve ... --backup-store s3://BUCKET/PREFIX --copy-backups");
    }
  }

  void CheckVaults() {
    for (const auto& vault : sources_.vaults.All<vault::VaultRecord>()) {
      if (vault->account != question_.account || vault->lock) continue;
      const auto points = sources_.vaults.List<vault::PointRecord>({vault->account, vault->region});
      const bool holds = std::ranges::any_of(
          points, [&](const auto& point) { return point->vault == vault->name; });
      if (!holds) continue;
      Find(Severity::kMedium, "VAULT_UNLOCKED", vault->region, vault->Arn(),
           fmt::format("Vault {} has recovery points and no lock: whoever may delete them can, at "
                       "once.",
                       vault->name),
           Aws("backup put-backup-vault-lock-configuration", vault->region) +
               fmt::format(" --backup-vault-name {} --min-retention-days 1", vault->name));
    }
  }

  struct KeyUse {
    size_t tables = 0, deleted = 0, backups = 0;
  };
  // WHY all that there is, being made too: each is lost with the key.
  KeyUse UseOf(const std::string& arn) const {
    const auto is_under = [&](const catalog::TableRecord& table) {
      return table.sse.enabled && table.sse.key_arn == arn;
    };
    KeyUse use;
    for (const auto& table : sources_.catalog.AllTables()) use.tables += is_under(*table);
    for (const auto& backup : sources_.catalog.AllBackups()) {
      const bool system = backup->type == catalog::BackupType::kSystem;
      (system ? use.deleted : use.backups) += is_under(backup->source);
    }
    return use;
  }

  void CheckKeys() {
    for (const auto& key : sources_.keys.AllKeys()) {
      if (key->account != question_.account || key->state != kms::KeyState::kPendingDeletion)
        continue;
      const std::string arn = key->Arn();
      const KeyUse use = UseOf(arn);
      if (use.tables + use.deleted + use.backups == 0) continue;
      Find(
          Severity::kHigh, "KEY_TO_BE_DELETED", key->region, arn,
          fmt::format("The key of {} table(s), {} deleted table(s) that can be brought back and {} "
                      "backup(s) is to be deleted: nobody will read them then.",
                      use.tables, use.deleted, use.backups),
          Aws("kms cancel-key-deletion", key->region) + " --key-id " + key->id.ToString());
    }
  }

  const Sources& sources_;
  const Question& question_;
  std::vector<TablePtr> tables_;
  std::vector<BackupPtr> backups_;
  std::vector<Finding> found_;
};

}  // namespace

std::string_view ToString(Severity severity) {
  constexpr std::string_view kNames[] = {"HIGH", "MEDIUM", "LOW"};
  return kNames[static_cast<size_t>(severity)];
}

std::vector<Finding> Examine(const Sources& sources, const Question& question) {
  return Examination(sources, question).Run();
}

}  // namespace tidemark::advice
