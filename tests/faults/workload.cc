#include "faults/workload.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "faults/shape.h"

namespace tidemark::faults {
namespace {

constexpr size_t kWriters = 4;
constexpr size_t kHotSlots = 4;  // their tables stay
constexpr auto kYear = std::chrono::hours(24 * 365);

table::Caller Caller() { return {.account = kAccount, .region = kRegion, .origin = {}}; }

}  // namespace

struct Workload::Running {
  Storage& storage;
  SimulatedDisk& disk;
  const bool sick;
  std::atomic<int64_t> unique{0};
  std::atomic<uint64_t> writes{0};
  std::atomic<uint64_t> acts{0};

  std::mutex mutex;
  std::string failure;

  // An answer nobody should get while the disk works.
  void Unexpected(const std::string& what) {
    if (disk.stopped()) return;
    std::lock_guard lock(mutex);
    if (failure.empty()) failure = what;
    disk.StopNow(Stop::kProcessKill);
  }
  // By a disk that fails now and then, or by what an act it failed left as it was.
  bool MayBeRefused(const Error& error) const {
    static const std::set<ErrorKind> kinds{ErrorKind::kIo,
                                           ErrorKind::kNoSpace,
                                           ErrorKind::kUnavailable,
                                           ErrorKind::kBusy,
                                           ErrorKind::kInternal,
                                           ErrorKind::kLimitExceeded,
                                           ErrorKind::kCancelled,
                                           ErrorKind::kCorruption,
                                           ErrorKind::kResourceInUse,
                                           ErrorKind::kTableInUse,
                                           ErrorKind::kTableNotFound,
                                           ErrorKind::kResourceNotFound,
                                           ErrorKind::kBackupInUse,
                                           ErrorKind::kBackupNotFound,
                                           ErrorKind::kContinuousBackupsUnavailable};
    return sick && kinds.contains(error.kind);
  }
  // Whether the act was acknowledged. `expected`: refusals that are right now and then.
  template <class T>
  bool Took(const Result<T>& result, std::string_view act, std::set<ErrorKind> expected = {}) {
    if (result) {
      ++acts;
      return true;
    }
    if (!expected.contains(result.error().kind) && !MayBeRefused(result.error()))
      Unexpected(fmt::format("{}: {}", act, result.error().message));
    return false;
  }
};

WorkDone Workload::Run(Storage& storage, SimulatedDisk& disk, bool sick, uint64_t seed,
                       std::string* failure) {
  Running run{.storage = storage, .disk = disk, .sick = sick};
  run.unique = static_cast<int64_t>(seed % 1'000'000'000) * 1'000'000;
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kWriters; ++thread) {
    threads.emplace_back([&, thread] { WriteUntilStopped(run, seed + thread + 1, thread); });
  }
  threads.emplace_back([&] { OperateUntilStopped(run, seed); });
  for (std::thread& thread : threads) thread.join();
  *failure = run.failure;
  if (sick) {  // what was to be done behind an answer may have come to nothing
    world_.restores.clear();
    for (auto& [arn, backup] : world_.backups) backup.deleting = true;
  }
  return {run.writes, run.acts};
}

void Workload::WriteUntilStopped(Running& run, uint64_t seed, size_t thread) {
  std::mt19937_64 random(seed);
  auto& context = run.storage.threads.context(thread % 2);
  struct Write {
    ModelPtr model;
    catalog::TablePtr record;  // kept until the answer, as a request does: indexes wait for that
    Bytes key;
    std::optional<size_t> number;  // in the model, once it was evaluated to change something
    std::string wrong;
  };
  while (!run.disk.stopped()) {
    shard::Shard* shard = run.storage.regions->Find(kRegion);
    std::deque<Write> writes;
    std::vector<shard::WriteRequest> requests;
    const size_t count = random() % 8 == 0 ? 2 + random() % 7 : 1;
    // One write of them all, in tables that stay: it would be refused with any that is dropped.
    const bool together = count > 1 && random() % 2;
    for (size_t i = 0; i < count; ++i) {
      // A few tables get most of the writes.
      const size_t slot =
          together || random() % 2 ? random() % kHotSlots : random() % world_.slots();
      const ModelPtr model = world_.InSlot(slot);
      auto handle = model && shard ? shard->Find(model->id) : nullptr;
      if (!handle) continue;
      const int row = random() % 3 == 0 ? 0 : static_cast<int>(random() % kRowsOfTable);
      const bool erase = row != 0 && random() % 4 == 0;
      const auto record = run.storage.catalog->FindTable(model->id);
      if (!record) continue;
      const Bytes key = KeyOfRow(row);
      if (std::ranges::any_of(writes, [&](const Write& other) {
            return other.model == model && other.key == key;
          })) {
        continue;  // a batch names a row once
      }
      Write& write = writes.emplace_back(Write{model, record, key, {}, {}});
      auto evaluate = [&run, &write, row, erase, draws = random()](
                          const std::optional<Bytes>& old) -> Result<shard::Mutation> {
        std::mt19937_64 mine(draws);
        shard::Mutation mutation;
        mutation.old_size = old ? *item::EncodedItemSize(*old) : 0;
        if (erase && !old) return mutation;
        std::optional<Bytes> value;
        if (erase) {
          mutation.kind = shard::Mutation::Kind::kDelete;
        } else {
          value = MakeValue(row, row == 0 ? NumberIn(old) + 1 : ++run.unique, mine);
          mutation.kind = shard::Mutation::Kind::kPut;
          mutation.value = *value;
          mutation.new_size = *item::EncodedItemSize(*value);
        }
        AddIndexRows(*write.record, old, &mutation);
        write.number = write.model->rows.Begin(write.key, old, value, run.sick, &write.wrong);
        return mutation;
      };
      requests.push_back({handle, key, evaluate});
    }
    if (requests.empty()) {
      std::this_thread::yield();
      continue;
    }
    std::vector<Result<Timestamp>> results;
    if (requests.size() == 1) {
      results.push_back(
          runtime::RunBlocking(context, shard->Write(std::move(requests.front()), {})));
    } else if (together) {
      results.assign(writes.size(),
                     runtime::RunBlocking(context, shard->WriteTogether(std::move(requests), {})));
      if (!results[0]) {
        CutTransaction cut;
        for (const Write& write : writes) {
          if (write.number) cut.parts.push_back({write.model, write.key, *write.number});
        }
        world_.AddCut(std::move(cut));
      }
    } else {
      auto all = runtime::RunBlocking(context, shard->WriteAll(std::move(requests), {}));
      results = all ? *all : std::vector(writes.size(), Result<Timestamp>(Fail(all.error())));
    }
    for (size_t i = 0; i < writes.size(); ++i) {
      Write& write = writes[i];
      // Of a table that goes, a write may be refused after it was noted; the next sees what was
      // there.
      if (!write.wrong.empty() && write.model->state == TableModel::State::kThere)
        run.Unexpected(write.wrong);
      if (results[i]) {
        ++run.writes;
        if (write.number) write.model->rows.Acknowledge(write.key, *write.number, *results[i]);
      } else if (write.model->state == TableModel::State::kThere &&
                 !run.MayBeRefused(results[i].error())) {
        run.Unexpected("a write: " + results[i].error().message);
      }
    }
  }
}

void Workload::OperateUntilStopped(Running& run, uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!run.disk.stopped()) Act(run, random);
}

void Workload::Act(Running& run, std::mt19937_64& random) {
  const size_t slot = random() % world_.slots();
  const ModelPtr table = world_.InSlot(slot);
  if (!table) return CreateTable(run, slot);
  switch (random() % 19) {
    case 0:
      // Hot tables stay, for long histories.
      if (slot >= kHotSlots) DropTable(run, table);
      break;
    case 1:
    case 2:
      SwitchRecovery(run, table);
      break;
    case 3:
    case 4:
    case 5:
      CreateBackup(run, table);
      break;
    case 6:
      DeleteBackup(run, random);
      break;
    case 7:
    case 8:
      RestoreBackup(run, random);
      break;
    case 9:
    case 10:
    case 11:
      RestoreInstant(run, table, random);
      break;
    case 12:
      ChangeIndex(run, table);
      break;
    case 13:
      SwitchStream(run, table);
      break;
    case 14:
    case 15:
      ChangeTag(run, table);
      break;
    case 16:
      if (random() % 8 == 0) clock_.Advance(random() % 2 ? kYear : -kYear);
      break;
    default:
      run.storage.recovery->Maintain();
      run.storage.backups->ExpireOld();
  }
}

void Workload::CreateTable(Running& run, size_t slot) {
  const auto request = ShapedTable(world_.SlotName(slot), slot % 2 == 0);
  const auto made = runtime::RunBlocking(run.storage.threads.context(0),
                                         run.storage.control->Create(Caller(), request));
  if (!run.Took(made, "CreateTable")) return;  // the catalog says later whether it was made
  auto model = std::make_shared<TableModel>();
  model->id = made->record.id;
  model->name = request.table;
  model->state = TableModel::State::kThere;
  NoteStream(run, *model);
  world_.SetSlot(slot, std::move(model));
}

// Its stream was answered to be on: every change from now on is in it.
void Workload::NoteStream(Running& run, TableModel& model) {
  const auto record = run.storage.catalog->FindTable(model.id);
  if (!record || !record->stream || !record->stream->enabled) return;
  model.stream = record->stream->label;
  model.stream_from = run.storage.regions->Find(kRegion)->Now();
}

// A second index comes and goes.
void Workload::ChangeIndex(Running& run, const ModelPtr& table) {
  std::optional<catalog::AttributeDefinition> on{{"n", item::Type::kNumber}};
  {
    const auto record = run.storage.catalog->FindTable(table->id);
    if (!record || record->status != catalog::TableStatus::kActive) return;
    if (record->FindIndex("second")) on.reset();
  }
  // Refused while the one before is on its way.
  run.Took(tidemark::ChangeIndex(run.storage, table->id, "second", on), "UpdateTable",
           {ErrorKind::kResourceInUse, ErrorKind::kLimitExceeded, ErrorKind::kResourceNotFound});
}

// A setting that has another value each time, between two commits of its Region.
void Workload::ChangeTag(Running& run, const ModelPtr& table) {
  const auto record = run.storage.catalog->FindTable(table->id);
  if (!record) return;
  shard::Shard* shard = run.storage.regions->Find(kRegion);
  const auto commit = [&] { return shard->LogControl(TableId{}, R"({"act":"mark"})"); };
  const auto after = commit();
  if (!after) return;
  const int64_t value = table->tag.Begin(*after);
  auto tagged = runtime::RunBlocking(
      run.storage.threads.context(0),
      run.storage.control->AddTags(Caller(), record->Arn(),
                                   {{.key = TagHistory::kKey, .value = std::to_string(value)}}));
  if (!run.Took(tagged, "TagResource")) return;
  if (const auto before = commit()) table->tag.Acknowledge(*before);
}

void Workload::SwitchStream(Running& run, const ModelPtr& table) {
  const auto record = run.storage.catalog->FindTable(table->id);
  if (!record) return;
  const bool on = record->stream && record->stream->enabled;
  table::UpdateTableRequest request;
  request.table = table->name;
  request.stream = table::StreamRequest{.enabled = !on, .view = std::nullopt};
  if (!on) request.stream->view = catalog::StreamView::kNewAndOldImages;
  const auto updated = runtime::RunBlocking(run.storage.threads.context(0),
                                            run.storage.control->Update(Caller(), request));
  if (run.Took(updated, "UpdateTable", {ErrorKind::kResourceInUse})) NoteStream(run, *table);
}

void Workload::DropTable(Running& run, const ModelPtr& table) {
  table->state = TableModel::State::kDropping;
  const auto dropped = runtime::RunBlocking(run.storage.threads.context(0),
                                            run.storage.control->Delete(Caller(), table->name));
  if (!run.Took(dropped, "DeleteTable")) return;
  table->state = TableModel::State::kGone;
  for (size_t slot = 0; slot < world_.slots(); ++slot) {
    if (world_.InSlot(slot) == table) world_.SetSlot(slot, nullptr);
  }
}

void Workload::SwitchRecovery(Running& run, const ModelPtr& table) {
  const bool enable = !table->recovery.value_or(false);
  table->recovery.reset();
  const auto updated =
      run.storage.recovery->Update(kAccount, kRegion, table->name, enable, std::nullopt);
  if (run.Took(updated, "UpdateContinuousBackups")) table->recovery = enable;
}

void Workload::CreateBackup(Running& run, const ModelPtr& table) {
  if (world_.backups.size() > 20) return;
  const auto backup = run.storage.backups->Create(kAccount, kRegion, table->name, "backup");
  if (!run.Took(backup, "CreateBackup")) return;
  world_.backups[(*backup)->Arn()] = {.source = table->id, .as_of = (*backup)->image.as_of};
}

void Workload::DeleteBackup(Running& run, std::mt19937_64& random) {
  if (world_.backups.empty()) return;
  const auto backup =
      std::next(world_.backups.begin(), static_cast<ptrdiff_t>(random() % world_.backups.size()));
  // The system's own may go by themselves, and not otherwise.
  const bool system = backup->first.ends_with("-00000000");
  std::set refusals{ErrorKind::kBackupInUse};
  if (system) refusals = {ErrorKind::kValidation, ErrorKind::kBackupNotFound};
  backup->second.deleting = true;
  const auto deleted = run.storage.backups->Delete(backup->first);
  if (run.Took(deleted, "DeleteBackup", refusals)) {
    world_.backups.erase(backup);
  } else if (refusals.contains(deleted.error().kind)) {
    backup->second.deleting = false;
  }
}

void Workload::RestoreBackup(Running& run, std::mt19937_64& random) {
  if (world_.backups.empty() || world_.restores.size() > 4) return;
  const auto backup =
      std::next(world_.backups.begin(), static_cast<ptrdiff_t>(random() % world_.backups.size()));
  const auto started = run.storage.restores->Start(restore::FromBackup{
      kAccount, kRegion, backup->first, "Restored" + std::to_string(++world_.names), {}});
  // kBackupNotFound: the system's own, past its date.
  if (run.Took(started, "RestoreTableFromBackup",
               {ErrorKind::kBackupInUse, ErrorKind::kBackupNotFound})) {
    world_.restores.insert((*started)->id);
  }
}

void Workload::RestoreInstant(Running& run, const ModelPtr& table, std::mt19937_64& random) {
  const auto time = RandomInstant(run.storage, *table, random);
  if (!time || world_.restores.size() > 4) return;
  restore::ToPointInTime request;
  request.account = kAccount;
  request.region = kRegion;
  request.source_table = table->name;
  request.target = "Restored" + std::to_string(++world_.names);
  request.time = *time;
  if (random() % 2) request.settings = restore::Settings::kAsOf;
  const auto started = run.storage.restores->Start(request);
  if (run.Took(started, "RestoreTableToPointInTime")) world_.restores.insert((*started)->id);
}

std::optional<Timestamp> RandomInstant(const Storage& storage, const TableModel& table,
                                       std::mt19937_64& random) {
  const auto record = storage.catalog->FindTable(table.id);
  if (!record || record->status != catalog::TableStatus::kActive) return std::nullopt;
  const auto window = storage.recovery->WindowOf(*record);
  if (!window) return std::nullopt;
  if (random() % 4) {
    // Most of the window is empty: a commit inside it, or the moment before one.
    for (int attempt = 0; attempt < 20; ++attempt) {
      const auto commit = table.rows.RandomCommit(random());
      if (!commit) break;
      const Timestamp time = *commit - Micros(random() % 2);
      if (time >= window->earliest && time <= window->latest) return time;
    }
  }
  const auto length = static_cast<uint64_t>((window->latest - window->earliest).count());
  return window->earliest + Micros(random() % (length + 1));
}

}  // namespace tidemark::faults
