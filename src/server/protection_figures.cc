#include "server/protection_figures.h"

#include <algorithm>
#include <map>

namespace tidemark::server {
namespace {

using metrics::TextWriter;
using metrics::Type;

// Of a Region.
struct Protection {
  uint64_t without_recovery = 0, without_backup = 0;
  bool has_backup = false;
  Micros age_max{};  // of tables that have a backup: the greatest age of a table's newest
};

// Of each table, when its newest backup that can be restored was made.
std::map<TableId, Timestamp> NewestBackups(const catalog::Catalog& catalog) {
  std::map<TableId, Timestamp> newest;
  for (const auto& backup : catalog.AllBackups()) {
    if (backup->status != catalog::BackupStatus::kAvailable ||
        backup->type == catalog::BackupType::kSystem)
      continue;
    Timestamp& last = newest[backup->source.id];
    last = std::max(last, backup->created);
  }
  return newest;
}

void AddTables(const ProtectionSources& sources, TextWriter* page) {
  const auto newest = NewestBackups(sources.catalog);
  std::map<std::string_view, Protection> regions;
  const auto tables = sources.catalog.AllTables();
  for (const auto& table : tables) {
    if (table->status != catalog::TableStatus::kActive) continue;
    Protection& region = regions[table->region.value];
    if (!table->pitr.enabled) ++region.without_recovery;
    const auto last = newest.find(table->id);
    if (last == newest.end()) {
      ++region.without_backup;
    } else {
      region.has_backup = true;
      region.age_max = std::max(region.age_max, sources.now - last->second);
    }
  }
  page->Family(Type::kGauge, "tidemark_tables_without_recovery",
               "Tables that have no point-in-time recovery.");
  for (const auto& [region, figures] : regions)
    page->Sample({{"region", region}}, figures.without_recovery);
  page->Family(Type::kGauge, "tidemark_tables_without_backup",
               "Tables of which there is no backup that can be restored.");
  for (const auto& [region, figures] : regions)
    page->Sample({{"region", region}}, figures.without_backup);
  page->Family(Type::kGauge, "tidemark_newest_backup_age_max_seconds",
               "Of tables that have a backup that can be restored, the greatest age of a table's "
               "newest one.");
  for (const auto& [region, figures] : regions) {
    if (!figures.has_backup) continue;
    page->Sample({{"region", region}}, static_cast<double>(figures.age_max.count()) / 1e6);
  }
}

template <class Record, class StateOf>
void AddJobs(const vault::VaultStore& vaults, std::string_view kind, StateOf state_of,
             TextWriter* page) {
  std::map<std::string_view, uint64_t> counts;
  for (const auto& job : vaults.All<Record>()) ++counts[ToString(state_of(*job))];
  for (const auto& [state, count] : counts) page->Sample({{"kind", kind}, {"state", state}}, count);
}

void AddVaultJobs(const vault::VaultStore& vaults, TextWriter* page) {
  page->Family(Type::kGauge, "tidemark_vault_jobs",
               "Jobs of AWS Backup on record, by kind and state.");
  AddJobs<vault::BackupJobRecord>(
      vaults, "backup", [](const auto& job) { return job.state; }, page);
  AddJobs<vault::CopyJobRecord>(
      vaults, "copy", [](const auto& job) { return job.state; }, page);
  AddJobs<vault::RestoreJobRecord>(
      vaults, "restore", [](const auto& job) { return job.status; }, page);
}

void AddBill(const metering::MonthBill::Bill& bill, TextWriter* page) {
  const auto each = [&](auto sample) {
    for (size_t i = 0; i < bill.size(); ++i)
      sample(static_cast<metering::Kind>(i), metrics::Label{"kind", ToString(metering::Kind(i))},
             bill[i]);
  };
  page->Family(Type::kGauge, "tidemark_protected_bytes",
               "What point-in-time recovery covers and backups hold, as AWS would count it.");
  each([&](metering::Kind kind, auto label, const auto& of) {
    if (metering::IsKept(kind)) page->Sample({label}, of.kept_bytes);
  });
  page->Family(Type::kGauge, "tidemark_month_cost_dollars",
               "What the present month would have cost at AWS so far.");
  each([&](metering::Kind kind, auto label, const auto& of) {
    if (metering::IsKept(kind) || of.cost.nanos > 0)
      page->Sample({label}, static_cast<double>(of.cost.nanos) / 1e9);
  });
}

}  // namespace

void AddProtection(const ProtectionSources& sources, TextWriter* page) {
  AddTables(sources, page);
  AddVaultJobs(sources.vaults, page);
  AddBill(sources.bill.Latest(), page);
}

}  // namespace tidemark::server
