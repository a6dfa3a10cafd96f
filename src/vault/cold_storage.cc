#include "vault/cold_storage.h"

#include <algorithm>

#include "archive/idle_priority.h"
#include "base/log.h"
#include "vault/copy_jobs.h"
#include "vault/settings.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::seconds kMoveAgain{1}, kMoveAgainMax{3600};

// For who looks at the point. WHY not the error's own text: it has names of the server's files.
std::string WhyNotCold(const std::string& arn, ErrorKind kind) {
  std::string_view why = "the server has logged why";
  switch (kind) {
    case ErrorKind::kNoSpace:
      why = "there is no room on the server's disk, whose operator has to make some";
      break;
    case ErrorKind::kNotFound:
    case ErrorKind::kIo:
      why = "its files cannot be read or written; the server's log names them";
      break;
    case ErrorKind::kCorruption:
      why = "its files are damaged; the server's log names them. Make another backup of the table";
      break;
    case ErrorKind::kKeyDisabled:
      why = "the key it is under cannot be used; enable it";
      break;
    default:
      break;
  }
  return fmt::format("It is not in cold storage yet: moving {} has failed: {}. It is tried again.",
                     arn, why);
}

}  // namespace

bool ColdStorage::IsBusy() const { return point_ != nullptr; }

bool ColdStorage::IsDue(const PointRecord& point, const Now& now) const {
  if (point.IsCold()) return false;
  const auto backup = catalog_.FindBackup(point.arn);
  if (backup && backup->image.is_cold()) return true;  // which is to be noted yet
  if (point.status != PointStatus::kCompleted) return false;
  const auto at = TransitionOf(point.LifeFrom(), point.lifecycle);
  if (!at || *at > now(point.region)) return false;
  const auto end = DeletionOf(point.LifeFrom(), point.lifecycle);
  if (end && *end <= now(point.region)) return false;  // after a long stop: it goes
  if (!FindRegionSettings(store_, PlaceOf(point)).managed) return false;
  // What is copied, here or into the backup store, is read from where it is.
  return backup && !backup->in_store_only && backup->copy != catalog::StoreCopy::kWanted &&
         !IsBeingCopied(store_, point.arn);
}

Ptr<PointRecord> ColdStorage::NextDue(const Now& now) const {
  for (auto& point : store_.All<PointRecord>()) {
    const auto wait = waits_.find(point->arn);
    if (wait != waits_.end() && Steady::now() < wait->second.until) continue;
    if (IsDue(*point, now)) return point;
  }
  return nullptr;
}

void ColdStorage::Begin(const Now& now) {
  moves_.RemoveWarm();
  if (point_) return;
  const auto due = NextDue(now);
  if (!due) return;
  const auto backup = catalog_.FindBackup(due->arn);
  if (backup && backup->image.is_cold()) {  // a crash came before the point's record
    auto noted = Note(*due, backup->image.cold_since, "");
    if (!noted) Failed(*due, noted.error());
    return;
  }
  if (writing_.Submit([this, arn = due->arn] { Write(arn); })) point_ = due;
}

void ColdStorage::Write(const std::string& arn) {
  archive::RunWhenIdle();
  auto written = moves_.Write(arn);
  const std::lock_guard lock(mutex_);
  written_ = std::move(written);
}

void ColdStorage::Step(const Now& now) {
  if (!point_) return;
  std::optional<Result<backup::ColdMoves::Written>> written;
  {
    const std::lock_guard lock(mutex_);
    written.swap(written_);
  }
  if (!written) return;
  const auto point = std::move(point_);
  auto done = End(*point, *std::move(written), now);
  if (done) {
    waits_.erase(point->arn);
  } else if (done.error().kind != ErrorKind::kCancelled &&
             done.error().kind != ErrorKind::kBackupInUse) {
    Failed(*point, done.error());
  }
  Begin(now);
}

Result<void> ColdStorage::End(const PointRecord& point, Result<backup::ColdMoves::Written> written,
                              const Now& now) {
  const auto newest = store_.Find<PointRecord>(PlaceOf(point), point.arn);
  if (!newest) {  // it was deleted meanwhile
    if (written) moves_.Discard(*written);
    return {};
  }
  if (!written) return Fail(std::move(written).error());
  if (!IsDue(*newest, now)) {  // a copy was asked for, or it has another life by now
    moves_.Discard(*written);
    return {};
  }
  const Timestamp moved = now(point.region);
  TM_TRYV(moves_.Commit(*written, moved));
  LogInfo("recovery point {} is in cold storage", point.arn);
  return Note(point, moved, "");
}

Result<void> ColdStorage::Note(const PointRecord& point, std::optional<Timestamp> moved,
                               const std::string& message) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<PointRecord>(PlaceOf(point), point.arn);
    if (!newest || (newest->message == message && newest->moved == moved.value_or(newest->moved)))
      return Changes{};
    PointRecord edited = *newest;
    if (moved) edited.moved = *moved;
    edited.message = message;
    return Changes{std::move(edited)};
  });
}

// It stays as it is, warm, and is tried again.
void ColdStorage::Failed(const PointRecord& point, const Error& error) {
  Wait& wait = waits_[point.arn];
  const auto pause = std::min<std::chrono::seconds>(
      kMoveAgain * (1 << std::min(wait.failures++, 12)), kMoveAgainMax);
  wait.until = Steady::now() + pause;
  LogWarn("recovery point {} is still to be moved to cold storage: {}", point.arn, error.message);
  (void)Note(point, std::nullopt, WhyNotCold(point.arn, error.kind));
}

}  // namespace tidemark::vault
