#include "server/site_recovery.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "codec/instant.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::milliseconds kLookInterval{100};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::string_view ToString(TableFate fate) {
  switch (fate) {
    case TableFate::kPlanned:
      return "PLANNED";
    case TableFate::kRestored:
      return "RESTORED";
    case TableFate::kThere:
      return "THERE";
    case TableFate::kDeleted:
      return "DELETED";
    case TableFate::kFailed:
      return "FAILED";
  }
  return "";
}

std::vector<TableRecovery> PlanRecovery(const backup::StoreContents& contents,
                                        const std::vector<std::string>& tables) {
  std::vector<TableRecovery> plan;
  for (const backup::StoredBackup* stored : backup::NewestOfEachTable(contents)) {
    const std::string& name = stored->backup.source.name;
    const bool named = std::ranges::find(tables, name) != tables.end();
    if (!tables.empty() && !named) continue;
    TableRecovery table{.stored = stored};
    // Who names it wants it.
    if (stored->backup.type == catalog::BackupType::kSystem && !named) {
      table.fate = TableFate::kDeleted;
      table.reason = fmt::format("the table was deleted at {}; this backup was made then",
                                 codec::FormatInstant(stored->backup.created));
    }
    plan.push_back(std::move(table));
  }
  return plan;
}

void SiteRecovery::Begin(TableRecovery& table) {
  const catalog::BackupRecord& backup = table.stored->backup;
  const catalog::TableRecord& source = backup.source;
  if (const auto there = catalog_.FindTable(source.account, source.region, source.name)) {
    if (there->restore && there->restore->in_progress &&
        there->restore->source_backup_arn == backup.Arn()) {
      return;  // by a recovery before this one, which a crash cut off
    }
    table.fate = TableFate::kThere;
    table.reason = "a table of that name is here already, and was left as it is";
    return;
  }
  const auto begun = restores_.Start(restore::FromBackup{.account = source.account,
                                                         .region = source.region,
                                                         .backup_arn = backup.Arn(),
                                                         .target = source.name,
                                                         .overrides = {},
                                                         .settings = restore::Settings::kAll});
  if (begun) return;
  table.fate = TableFate::kFailed;
  table.reason = begun.error().message;
}

Result<void> SiteRecovery::Run(const backup::StoreContents& contents,
                               std::vector<TableRecovery>* plan, const Tell& tell) {
  const auto begin = std::chrono::steady_clock::now();
  for (const backup::StoredBackup& stored : contents.backups) TM_TRYV(images_.Register(stored));
  RecoveryProgress progress;
  std::map<TableRecovery*, TableId> waiting;
  for (TableRecovery& table : *plan) {
    if (table.fate != TableFate::kPlanned) continue;
    Begin(table);
    if (table.fate != TableFate::kPlanned) continue;
    const catalog::BackupRecord& backup = table.stored->backup;
    const auto target =
        catalog_.FindTable(backup.source.account, backup.source.region, backup.source.name);
    waiting.emplace(&table, target ? target->id : TableId{});
    const auto known = catalog_.FindBackup(backup.Arn());
    if (known && known->in_store_only) progress.bytes_total += table.stored->Bytes();
  }
  progress.tables_total = waiting.size();
  while (!waiting.empty()) {
    std::this_thread::sleep_for(kLookInterval);
    progress.seconds = SecondsSince(begin);
    std::erase_if(waiting, [&](const auto& entry) {
      const auto& [table, id] = entry;
      const auto target = catalog_.FindTable(id);
      if (target && target->status == catalog::TableStatus::kCreating) return false;
      table->fate = target ? TableFate::kRestored : TableFate::kFailed;
      table->seconds = progress.seconds;
      const auto report = target ? nullptr : reports_.Find(id);
      if (report) table->reason = report->failure;
      return true;
    });
    progress.tables_done = progress.tables_total - waiting.size();
    progress.bytes_done = std::min(images_.bytes_brought(), progress.bytes_total);
    tell(progress);
  }
  return {};
}

}  // namespace tidemark::server
