#include "faults/checker.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/files.h"
#include "faults/stream_reading.h"
#include "faults/workload.h"

namespace tidemark::faults {
namespace {

using catalog::TableStatus;
using State = TableModel::State;

constexpr auto kPatience = std::chrono::seconds(30);  // then something hangs
constexpr size_t kBackupsKept = 8;

// Until `done`, at most kPatience: work goes on in the background.
bool WaitFor(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::string Difference(const std::set<std::string>& found, const std::set<std::string>& known) {
  std::vector<std::string> more, less;
  std::ranges::set_difference(found, known, std::back_inserter(more));
  std::ranges::set_difference(known, found, std::back_inserter(less));
  return fmt::format("nobody knows [{}], and [{}] is missing", fmt::join(more, ", "),
                     fmt::join(less, ", "));
}

// How many rows there are of each index that should not be, are missing, or have another value.
std::string RowsThatDiffer(const Rows& found, const Rows& known) {
  std::map<uint16_t, std::array<int, 3>> counts;
  for (const auto& [key, value] : found) {
    const auto at = known.find(key);
    if (at == known.end()) ++counts[item::IndexOf(key)][0];
    if (at != known.end() && at->second != value) ++counts[item::IndexOf(key)][2];
  }
  for (const auto& [key, value] : known)
    if (!found.contains(key)) ++counts[item::IndexOf(key)][1];
  std::string text;
  for (const auto& [index, count] : counts) {
    text += fmt::format("[index {}: {} too many, {} missing, {} with another value]", index,
                        count[0], count[1], count[2]);
  }
  return text;
}

std::string IndexText(const catalog::IndexRecord& index) {
  return fmt::format("{} is {}, of status {}", index.name, index.definition.number,
                     static_cast<int>(index.status));
}

std::string TextOf(const shard::Totals& totals) {
  auto text =
      fmt::format("{} items, {} bytes, {}", totals.items, totals.bytes, totals.hash.ToHex());
  for (const auto& index : totals.indexes) {
    text += fmt::format("; of index {} {} items, {} bytes, {}", index.index, index.items,
                        index.bytes, index.hash.ToHex());
  }
  return text;
}

}  // namespace

std::string Checker::Check(Checked* checked) {
  checked_ = checked;
  const auto now = NextCommitIsAfter();
  if (!now) return "writing after the restart: " + now.error().message;
  std::string wrong = AwaitIndexes();
  if (wrong.empty()) wrong = CheckTables(*now);
  if (wrong.empty()) wrong = CheckTransactions();
  if (wrong.empty()) wrong = CheckBackups();
  if (wrong.empty()) wrong = CheckRestores();
  if (wrong.empty()) wrong = CheckInstants();
  if (wrong.empty()) wrong = CheckLeftovers();
  return wrong;
}

std::string Checker::AwaitIndexes() {
  const auto done = [&] {
    for (const auto& table : storage_.catalog->AllTables()) {
      for (const auto& index : table->indexes) {
        if (index.status != catalog::IndexStatus::kActive) return false;
      }
    }
    return true;
  };
  return WaitFor(done) ? "" : "indexes stay CREATING or DELETING";
}

Result<Timestamp> Checker::NextCommitIsAfter() {
  TM_TRY(shard::Shard * shard, storage_.regions->Ensure(kRegion));
  return shard->LogControl(TableId::Make(TheSystemRandom()), R"({"act":"check"})");
}

std::string Checker::CheckTables(Timestamp now) {
  std::set<std::string> found;
  for (const auto& record : storage_.catalog->AllTables()) {
    if (record->restore) continue;
    found.insert(record->name);
    ModelPtr model = world_.Find(record->id);
    if (!model) {  // its creation was under way
      model = std::make_shared<TableModel>();
      model->id = record->id;
      model->name = record->name;
    }
    if (model->state == State::kGone) return record->name + " was dropped and is there";
    if (record->status != TableStatus::kActive) return record->name + " is not ACTIVE";
    model->state = State::kThere;
    for (size_t slot = 0; slot < world_.slots(); ++slot) {
      if (world_.SlotName(slot) == model->name) world_.SetSlot(slot, model);
    }
    if (std::string wrong = CheckTable(*record, model, now); !wrong.empty()) return wrong;
  }
  for (size_t slot = 0; slot < world_.slots(); ++slot) {
    const ModelPtr model = world_.InSlot(slot);
    if (!model) continue;
    const auto record = storage_.catalog->FindTable(model->id);
    if (record && record->restore) {  // a restored table that is used
      if (record->status != TableStatus::kActive) return record->name + " is not ACTIVE";
      model->state = State::kThere;
      if (std::string wrong = CheckTable(*record, model, now); !wrong.empty()) return wrong;
    } else if (!record) {
      if (model->state != State::kDropping) return model->name + " is gone";
      model->state = State::kGone;
      world_.SetSlot(slot, nullptr);
    }
  }
  return {};
}

std::string Checker::CheckTable(const catalog::TableRecord& record, const ModelPtr& model,
                                Timestamp now) {
  std::string wrong;
  const auto rows = Read(record, &wrong);
  if (!rows) return wrong;
  wrong = model->rows.Settle(*rows, now);
  if (!wrong.empty()) return record.name + " (" + record.id.ToString() + "): " + wrong;
  if (model->recovery && *model->recovery != record.pitr.enabled)
    return record.name + ": point-in-time recovery is not as it was switched";
  model->recovery = record.pitr.enabled;
  wrong = model->tag.Settle(TagHistory::In(record), now);
  if (!wrong.empty()) return record.name + ": " + wrong;
  ++checked_->tables;
  return CheckStream(record, *model, now);
}

std::string Checker::CheckStream(const catalog::TableRecord& record, TableModel& model,
                                 Timestamp now) {
  if (!record.stream || !record.stream->enabled) return {};
  if (model.stream != record.stream->label) {  // it was being switched on
    model.stream = record.stream->label;
    model.stream_from = now;
  }
  if (random_() % 4) return {};
  const auto shown = ReadStream(storage_, record);
  if (!shown) return record.name + ": its stream: " + shown.error().message;
  ++checked_->streams;
  // The clock may have followed a step meanwhile, so that more is too old.
  const Timestamp read = storage_.regions->Find(record.region)->Now();
  const auto wrong = model.rows.CheckChanges(*shown, model.stream_from, read - streams::kRetention);
  return wrong.empty() ? wrong : record.name + ": its stream: " + wrong;
}

std::optional<Rows> Checker::Read(const catalog::TableRecord& record, std::string* wrong) {
  const std::string name = record.name + " (" + record.id.ToString() + ")";
  const shard::Shard* shard = storage_.regions->Find(record.region);
  const auto table = shard ? shard->Find(record.id) : nullptr;
  if (!table) {
    *wrong = name + " is in the catalog and not in its shard";
    return std::nullopt;
  }
  auto rows = ReadAll(*table);
  if (!rows) {
    *wrong = name + ": " + rows.error().message;
    return std::nullopt;
  }
  // Of the indexes there are now; rows of one that is gone are gone.
  const auto index_rows = ReadIndexes(*table);
  const auto should = IndexRowsOf(record, *rows);
  if (!index_rows || !should) {
    *wrong = name + ": " + (index_rows ? should : index_rows).error().message;
    return std::nullopt;
  }
  if (*index_rows != *should) {
    *wrong = name + ": the rows of its indexes are not those of its items: " +
             RowsThatDiffer(*index_rows, *should);
    for (const auto& index : record.indexes) *wrong += " | " + IndexText(index);
    return std::nullopt;
  }
  const auto sum = TotalsOf(*rows, *index_rows);
  const auto totals = table->LoadTotals();
  if (!sum || !totals || *sum != *totals) {
    *wrong = name + ": its rows add up to " + TextOf(*sum) + "; it says " +
             (totals ? TextOf(*totals) : totals.error().message);
    return std::nullopt;
  }
  return std::move(*rows);
}

std::string Checker::CheckTransactions() {
  for (const CutTransaction& cut : world_.TakeCut()) {
    std::optional<bool> whole;
    for (const CutTransaction::Part& part : cut.parts) {
      const auto happened = part.model->rows.Happened(part.key, part.number);
      if (!happened) continue;
      if (whole && *whole != *happened) return part.model->name + ": half of a transaction";
      whole = happened;
    }
    if (whole) ++checked_->transactions;
  }
  return {};
}

std::string Checker::CheckBackups() {
  for (const auto& backup : storage_.catalog->AllBackups()) {
    const std::string arn = backup->Arn();
    world_.backups.try_emplace(
        arn, BackupModel{.source = backup->source.id, .as_of = backup->image.as_of});
    if (!WaitFor([&] {
          const auto now = storage_.catalog->FindBackup(arn);
          return !now || now->status == catalog::BackupStatus::kAvailable;
        })) {
      return arn + " stays CREATING";
    }
  }
  for (auto backup = world_.backups.begin(); backup != world_.backups.end();) {
    const auto record = storage_.catalog->FindBackup(backup->first);
    if (!record) {
      const bool system = backup->first.ends_with("-00000000");  // may be past its date
      if (!backup->second.deleting && !system) return backup->first + " is gone";
      backup = world_.backups.erase(backup);
      continue;
    }
    if (record->image.as_of != backup->second.as_of)
      return backup->first + " is of another instant";
    backup->second.deleting = false;
    const bool surplus = world_.backups.size() > kBackupsKept;
    if (surplus || random_() % 8 == 0) {
      const std::string wrong = RestoreAndCheck(storage_.restores->Start(restore::FromBackup{
          kAccount, kRegion, backup->first, "Checked" + std::to_string(++world_.names), {}}));
      if (!wrong.empty()) return backup->first + ": " + wrong;
      ++checked_->backups;
    }
    if (surplus && record->type == catalog::BackupType::kUser) {
      const auto deleted = storage_.backups->Delete(backup->first);
      if (!deleted) return backup->first + ": " + deleted.error().message;
      backup = world_.backups.erase(backup);
      continue;
    }
    ++backup;
  }
  return {};
}

std::string Checker::CheckRestores() {
  for (const auto& record : storage_.catalog->AllTables()) {
    if (!record->restore) continue;
    if (const ModelPtr used = world_.Find(record->id)) {
      if (used->state == State::kGone) return record->name + " was dropped and is there";
      continue;
    }
    const auto restored = storage_.WaitActive(record);
    if (!restored) {
      if (world_.restores.contains(record->id)) return record->name + " is not restored";
      continue;
    }
    if (std::string wrong = CheckRestored(*restored); !wrong.empty()) return wrong;
    world_.restores.erase(record->id);
    ++checked_->restores;
    size_t free = 0;
    while (free < world_.slots() && world_.InSlot(free)) ++free;
    if (free < world_.slots()) {
      KeepAsTable(*restored);
    } else if (std::string wrong = Drop(*restored); !wrong.empty()) {
      return wrong;
    }
  }
  if (!world_.restores.empty())
    return "the restored table " + world_.restores.begin()->ToString() + " is gone";
  return {};
}

std::string Checker::CheckInstants() {
  for (int wanted = 2, attempts = 0; wanted > 0 && attempts < 200; ++attempts) {
    const ModelPtr table = world_.InSlot(random_() % world_.slots());
    if (!table) continue;
    const auto time = RandomInstant(storage_, *table, random_);
    if (!time) continue;
    restore::ToPointInTime request;
    request.account = kAccount;
    request.region = kRegion;
    request.source_table = table->name;
    request.target = "Checked" + std::to_string(++world_.names);
    request.time = *time;
    if (random_() % 2) request.settings = restore::Settings::kAsOf;
    Rows rows;
    std::string wrong = CheckPast(table, *time, &rows);
    auto started = storage_.restores->Start(request);
    if (wrong.empty()) wrong = CheckPlan(*table, request, started);
    if (wrong.empty()) wrong = RestoreAndCheck(std::move(started), &rows);
    if (!wrong.empty()) return fmt::format("{} at {}: {}", table->name, ToMicros(*time), wrong);
    ++checked_->instants;
    --wanted;
  }
  return {};
}

// Tag and instant of all that is known.
std::string Checker::SettingsText(const catalog::TableRecord& table) {
  const auto window = storage_.recovery->WindowOf(table);
  std::string text = fmt::format("window from {}", window ? ToMicros(window->earliest) : 0);
  const Timestamp now = storage_.regions->Find(kRegion)->Now();
  const auto settings = storage_.catalog->Settings(table.id, {}, now);
  if (!settings) return text + ", " + settings.error().message;
  for (const auto& record : *settings)
    text += fmt::format(", {} from {}", TagHistory::In(record.table), ToMicros(record.time));
  return text;
}

std::string Checker::CheckPast(const ModelPtr& table, Timestamp time, Rows* rows) {
  auto record = *storage_.catalog->FindTable(table->id);
  const auto past = storage_.past->At(record, time);
  const auto then = storage_.recovery->TableAt(record, time);
  if (!then) return "the settings of the past: " + then.error().message;
  if (std::string wrong = table->tag.CheckAt(TagHistory::In(**then), time); !wrong.empty())
    return fmt::format("the settings of the past: {}; history: {}", wrong, SettingsText(record));
  if (!past) return "reading the past: " + past.error().message;
  auto items = ReadAll(**past);
  if (!items) return "reading the past: " + items.error().message;
  if (std::string wrong = table->rows.CheckAt(*items, time); !wrong.empty())
    return "reading the past: " + wrong;
  // Those of now that were complete then, and those of then, that may be gone by now.
  auto indexes = std::exchange(record.indexes, {});
  std::erase_if(indexes, [&](const auto& index) { return index.ready_at > time; });
  std::ranges::copy_if((*then)->indexes, std::back_inserter(indexes), [](const auto& index) {
    return index.status == catalog::IndexStatus::kActive;
  });
  for (const auto& index : indexes) {
    record.indexes = {index};
    const auto found = ReadAll(**past, index.definition.number, index.definition.number);
    const auto should = IndexRowsOf(record, *items);
    if (!found || !should || *found != *should)
      return "the past rows of index " + index.name + " are not those of its items";
  }
  *rows = std::move(*items);
  return {};
}

// With the settings of then, it has the indexes of then.
std::string Checker::CheckPlan(const TableModel& table, const restore::ToPointInTime& request,
                               const Result<catalog::TablePtr>& started) {
  if (!started || request.settings != restore::Settings::kAsOf) return {};
  const auto then =
      storage_.recovery->TableAt(*storage_.catalog->FindTable(table.id), *request.time);
  if (!then) return "the settings of the past: " + then.error().message;
  std::set<std::string> should, found;
  for (const auto& index : (*then)->indexes) {
    if (index.IsKept()) should.insert(index.name);
  }
  for (const auto& index : (*started)->indexes) found.insert(index.name);
  return found == should ? std::string() : "the indexes of then: " + Difference(found, should);
}

std::string Checker::RestoreAndCheck(Result<catalog::TablePtr> started, const Rows* should) {
  if (!started) return started.error().message;
  const auto restored = storage_.WaitActive(*started);
  if (!restored) return "the restore failed";
  std::string wrong = CheckRestored(*restored);
  if (wrong.empty() && should &&
      *ReadAll(*storage_.regions->Find(kRegion)->Find((*restored).id)) != *should)
    wrong = "the restored table is not what its past was read as";
  return wrong.empty() ? Drop(*restored) : wrong;
}

std::string Checker::CheckRestored(const catalog::TableRecord& restored) {
  const catalog::RestoreSummary& from = *restored.restore;
  const ModelPtr source = world_.Find(from.source_table);
  if (!source) return restored.name + " is restored from a table nobody made";
  std::string wrong;
  const auto rows = Read(restored, &wrong);
  if (!rows) return wrong;
  wrong = source->rows.CheckAt(*rows, from.restore_time);
  if (wrong.empty()) return {};
  return fmt::format("{} ({}), restored from {} ({}): {}", restored.name, restored.id.ToString(),
                     source->name, source->id.ToString(), wrong);
}

std::string Checker::Drop(const catalog::TableRecord& table) {
  const auto dropped = runtime::RunBlocking(
      storage_.threads.context(0),
      storage_.control->Delete({.account = kAccount, .region = kRegion, .origin = {}}, table.name));
  return dropped ? std::string() : dropped.error().message;
}

// It takes part from now on, as any other.
void Checker::KeepAsTable(const catalog::TableRecord& restored) {
  auto model = std::make_shared<TableModel>();
  model->id = restored.id;
  model->name = restored.name;
  model->state = State::kThere;
  std::string ignored;
  model->rows.StartWith(*Read(restored, &ignored), storage_.regions->Find(restored.region)->Now());
  for (size_t slot = 0; slot < world_.slots(); ++slot) {
    if (!world_.InSlot(slot)) return world_.SetSlot(slot, model);
  }
}

std::string Checker::CheckLeftovers() {
  const shard::Shard* shard = storage_.regions->Find(kRegion);
  std::set<std::string> found, known;
  const auto as_known = [&](const std::string& directory) {
    const auto names = ListDirectory(directory);
    found = names ? std::set(names->begin(), names->end()) : std::set<std::string>();
    return found == known;
  };
  // Removals may still be under way.
  for (const auto& table : storage_.catalog->AllTables()) known.insert(table->id.ToString());
  if (!WaitFor([&] { return as_known(shard->TablesDirectory()); }))
    return "tables/: " + Difference(found, known);
  known.clear();
  for (const auto& image : storage_.catalog->AllImages()) known.insert(image->directory);
  for (const auto& backup : storage_.catalog->AllBackups()) known.insert(backup->image.directory);
  if (!WaitFor([&] { return as_known(shard->ImagesDirectory()); }))
    return "images/: " + Difference(found, known);
  known.clear();
  const std::string restoring = ParentDirectory(shard->TablesDirectory()) + "/restoring";
  if (!WaitFor([&] { return as_known(restoring); }))
    return "restoring/: " + Difference(found, known);
  return {};
}

}  // namespace tidemark::faults
