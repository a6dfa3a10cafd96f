// What must hold after a storage was stopped at any moment and opened again.
#pragma once
#include <random>
#include <string>

#include "faults/world.h"
#include "restore/restore.h"

namespace tidemark::faults {

struct Checked {
  uint64_t tables = 0;
  uint64_t transactions = 0;  // under way at the stop
  uint64_t backups = 0;       // restored and compared
  uint64_t restores = 0;      // begun before the stop
  uint64_t instants = 0;      // read and restored to, and compared
  uint64_t streams = 0;       // read to their end and compared
};

class Checker {
 public:
  Checker(World& world, Storage& storage, uint64_t seed)
      : world_(world), storage_(storage), random_(seed) {}

  // Compares everything with the oracle, which learns what became of the acts that were under way.
  // What is wrong, or nothing. Nobody may use the storage meanwhile.
  std::string Check(Checked* checked);

 private:
  // What builds or removes indexes holds no record of a table then, and nothing of them is half.
  std::string AwaitIndexes();
  Result<Timestamp> NextCommitIsAfter();
  std::string CheckTables(Timestamp now);
  std::string CheckTable(const catalog::TableRecord& record, const ModelPtr& model, Timestamp now);
  std::string CheckTransactions();
  std::string CheckBackups();
  std::string CheckRestores();
  std::string CheckStream(const catalog::TableRecord& record, TableModel& model, Timestamp now);
  std::string CheckInstants();
  // Items and indexes as they were at an instant, read from the table's past.
  std::string CheckPast(const ModelPtr& table, Timestamp time, Rows* rows);
  std::string SettingsText(const catalog::TableRecord& table);
  std::string CheckPlan(const TableModel& table, const restore::ToPointInTime& request,
                        const Result<catalog::TablePtr>& started);
  std::string CheckRestored(const catalog::TableRecord& restored);
  std::string CheckLeftovers();
  // Rows of the table, after its totals were found to be theirs. Empty optional: see `wrong`.
  std::optional<Rows> Read(const catalog::TableRecord& record, std::string* wrong);
  // `should`: what is known to have been there, if it is.
  std::string RestoreAndCheck(Result<catalog::TablePtr> started, const Rows* should = nullptr);
  std::string Drop(const catalog::TableRecord& table);
  void KeepAsTable(const catalog::TableRecord& restored);

  World& world_;
  Storage& storage_;
  std::mt19937_64 random_;
  Checked* checked_ = nullptr;
};

}  // namespace tidemark::faults
