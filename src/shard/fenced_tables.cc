#include "shard/fenced_tables.h"

#include <algorithm>

#include "base/files.h"
#include "base/log.h"

namespace tidemark::shard {
namespace {

constexpr size_t kProbeBytes = 64 << 10;

}  // namespace

FencedTables::FencedTables(Options options, const OwedRuns& runs, CommitQueue& queue,
                           log::CommitLog& log, runtime::BlockingPool& pool, const Clock& clock)
    : options_(std::move(options)),
      runs_(runs),
      queue_(queue),
      log_(log),
      pool_(pool),
      clock_(clock) {}

FencedTables::~FencedTables() { Wait(); }

void FencedTables::Wait() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return under_way_ == 0; });
}

void FencedTables::Admit(const OpenTablePtr& table) {
  auto patient = std::make_shared<Patient>();
  patient->table = table;
  patient->backoff = options_.backoff_min;
  {
    std::lock_guard lock(mutex_);
    patients_[table->id()] = patient;
  }
  PushBarrier(patient);
}

void FencedTables::PushBarrier(const std::shared_ptr<Patient>& patient) {
  // It has been fenced, so nothing of it is queued behind this.
  QueuedChange barrier;
  auto queued = std::make_shared<int>();
  patient->barrier = queued;
  barrier.act = [patient, queued](const Applied&) -> Result<void> {
    patient->settled = true;
    return {};
  };
  queue_.Push(std::move(barrier));
}

void FencedTables::Tend(const std::vector<OpenTablePtr>& tables) {
  const Micros now = clock_.Monotonic();
  ForgetDropped();
  for (const OpenTablePtr& table : tables) {
    const auto patient = Find(table->id());
    const auto fence = table->fenced() ? table->fence() : std::nullopt;
    if (patient) {
      TendOne(patient, fence.has_value(), now);
    } else if (fence && fence->reason == FenceReason::kStoreRefuses && !table->dropped) {
      Admit(table);
    }
  }
}

std::shared_ptr<FencedTables::Patient> FencedTables::Find(TableId table) const {
  std::lock_guard lock(mutex_);
  const auto at = patients_.find(table);
  return at == patients_.end() ? nullptr : at->second;
}

void FencedTables::TendOne(const std::shared_ptr<Patient>& patient, bool fenced, Micros now) {
  {
    std::lock_guard lock(mutex_);
    if (patient->treated) return;
    if (!fenced) {  // a reader opened it first
      patients_.erase(patient->table->id());
      ++stats_.healed;
      return;
    }
    if (patient->settled && now < patient->next) return;
    patient->treated = patient->settled;
    under_way_ += patient->treated ? 1 : 0;
  }
  if (!patient->treated) {
    // Else it fell with a group that the log had no room for.
    if (patient->barrier.expired() && !patient->settled) PushBarrier(patient);
  } else if (!pool_.Submit([this, patient] { Treat(patient); })) {
    std::lock_guard lock(mutex_);  // the pool is full: next time
    patient->treated = false;
    --under_way_;
  }
}

void FencedTables::ForgetDropped() {
  std::lock_guard lock(mutex_);
  std::erase_if(patients_, [](const auto& patient) {
    return patient.second->table->dropped && !patient.second->treated;
  });
}

void FencedTables::Treat(const std::shared_ptr<Patient>& patient) {
  const OpenTablePtr table = patient->table;
  auto healed = Heal(*table);
  std::lock_guard lock(mutex_);
  patient->treated = false;
  if (healed) {
    LogInfo("table_healed: table {} takes writes again", table->id().ToString());
    patients_.erase(table->id());
    ++stats_.healed;
  } else {
    ++stats_.failed;
    patient->next = clock_.Monotonic() + patient->backoff;
    patient->backoff = std::min(patient->backoff * 2, options_.backoff_max);
    if (patient->last_cause != healed.error().message) {
      patient->last_cause = healed.error().message;
      LogWarn("table_healed: not yet, table {} stays fenced: {}", table->id().ToString(),
              patient->last_cause);
    }
  }
  --under_way_;
  idle_.notify_all();
}

Result<void> FencedTables::Heal(OpenTable& table) {
  if (!table.owed()) {
    const auto from = table.OldestNeeded();
    if (!from) return Fail(ErrorKind::kInternal, "nothing is owed to it");
    TM_TRY(const OwedRun run,
           runs_.Write(log_,
                       {.table = table.id(), .from = *from, .through = queue_.NewestPosition()}));
    table.SetOwed(run);
    LogInfo("owed_run: {} holds what table {} has not taken", run.path, table.id().ToString());
    std::lock_guard lock(mutex_);
    ++stats_.owed_runs;
  }
  TM_TRYV(Probe(table));
  if (!table.CloseIfUnused()) return Fail(ErrorKind::kBusy, "somebody reads it");
  TM_TRYV(table.OpenStore());
  return {};
}

Result<void> FencedTables::Probe(const OpenTable& table) const {
  const std::string directory = options_.tables_directory + "/" + table.id().ToString();
  if (!Exists(directory)) return {};  // not a directory of this file system; opening it will tell
  const std::string file = directory + "/PROBE";
  auto written = ReplaceFile(file, Bytes(kProbeBytes, 'x'));
  (void)RemoveFile(file);
  (void)RemoveFile(file + ".new");
  return written;
}

FencedTables::Stats FencedTables::stats() const {
  std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.tended = patients_.size();
  return stats;
}

}  // namespace tidemark::shard
