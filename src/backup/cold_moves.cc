#include "backup/cold_moves.h"

#include "backup/directory_bytes.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/row_stream.h"
#include "pitr/images.h"
#include "pitr/row_sums.h"

namespace tidemark::backup {

Result<void> ColdMoves::CheckGoingOn() const {
  if (stopping_) return Fail(ErrorKind::kCancelled, "the server is stopping");
  return {};
}

std::string ColdMoves::Aside(const std::string& directory) const {
  return ParentDirectory(directory) + "/" + ImageId::Make(random_).ToString();
}

Result<ColdMoves::Written> ColdMoves::Write(const std::string& arn) {
  TM_TRYV(CheckGoingOn());
  TM_TRYV(catalog_.Writable());
  const auto backup = catalog_.FindBackup(arn);
  if (!backup) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
  if (backup->status != catalog::BackupStatus::kAvailable)
    return Fail(ErrorKind::kBackupInUse, "Backup is being created: {}", arn);
  if (backup->in_store_only)
    return Fail(ErrorKind::kBackupInUse, "Backup {} lies in the backup store only", arn);
  const shard::Shard* shard = shards_.Find(backup->image.region);
  if (!shard) return Fail(ErrorKind::kNotFound, "Region {} is gone", backup->image.region.value);
  Written written{.arn = arn,
                  .directory = pitr::ColdPath(*shard, backup->image),
                  .sealed_for = TableId::Make(random_)};
  {
    const std::lock_guard lock(mutex_);
    writing_.emplace(written.sealed_for, Key{arn, backup->source.sse});
  }
  auto bytes = WriteFiles(*backup, pitr::WarmPath(*shard, backup->image), written);
  {
    const std::lock_guard lock(mutex_);
    writing_.reset();
  }
  if (!bytes) {
    Discard(written);
    return Fail(WithContext(std::move(bytes).error(), "moving {} to cold storage", arn));
  }
  written.bytes = *bytes;
  return written;
}

Result<uint64_t> ColdMoves::WriteFiles(const catalog::BackupRecord& backup, const std::string& warm,
                                       const Written& to) {
  TM_TRYV(MakeDirectories(ParentDirectory(to.directory)));
  TM_TRYV(RemoveTree(to.directory));  // of an attempt that was cut off
  {
    TM_TRY(const auto reader, engine_.OpenImage(warm, Aside(warm), to.sealed_for));
    TM_TRY(auto rows, engine::RowStream::Open(*reader));
    const auto next = [&]() -> Result<std::optional<engine::RowWrite>> {
      TM_TRYV(CheckGoingOn());
      return rows.Next();
    };
    TM_TRYV(engine_.WriteColdImage(to.directory, to.sealed_for, next));
  }
  TM_TRYV(Verify(backup, to));
  return BytesIn(to.directory);
}

// The files as they were written.
Result<void> ColdMoves::Verify(const catalog::BackupRecord& backup, const Written& written) const {
  TM_TRY(const auto reader,
         engine_.OpenImage(written.directory, Aside(written.directory), written.sealed_for));
  for (const uint16_t number : pitr::CountedIndexes(backup.source)) {
    pitr::RowSums sums;
    TM_TRY(const auto rows, reader->Scan(pitr::RowsOf(number)));
    TM_TRYV(pitr::AddRows(
        *rows, [this](uint64_t) { return CheckGoingOn(); }, &sums));
    TM_TRYV(sums.CompareOne("the backup", number, backup.image.totals));
  }
  return {};
}

Result<void> ColdMoves::Commit(const Written& written, Timestamp now) {
  bool wanted = false;
  auto moved = catalog_.EditBackup(written.arn, [&](catalog::BackupRecord& record) {
    wanted = record.copy == catalog::StoreCopy::kWanted;
    if (wanted) return;
    record.image.table = written.sealed_for;
    record.image.file_bytes = written.bytes;
    record.image.cold_since = now;
  });
  if (moved && wanted)
    moved = Fail(ErrorKind::kBackupInUse, "Backup {} is being copied to the store", written.arn);
  if (!moved) {
    pitr::RemoveUnrecorded(written.directory, moved.error());
    return moved;
  }
  const auto backup = catalog_.FindBackup(written.arn);
  const shard::Shard* shard = backup ? shards_.Find(backup->image.region) : nullptr;
  if (shard) warm_.emplace_back(backup->image.directory, pitr::WarmPath(*shard, backup->image));
  RemoveWarm();
  return {};
}

void ColdMoves::Discard(const Written& written) { pitr::RemoveImageFiles(written.directory); }

void ColdMoves::RemoveWarm() {
  // WHY asked after the record: a restore that begins later reads the cold files.
  std::erase_if(warm_, [&](const auto& warm) {
    if (catalog_.IsBeingRestored(warm.first)) return false;
    pitr::RemoveImageFiles(warm.second);
    return true;
  });
}

std::optional<ColdMoves::Key> ColdMoves::KeyOf(TableId sealed_for) const {
  const std::lock_guard lock(mutex_);
  if (!writing_ || writing_->first != sealed_for) return std::nullopt;
  return writing_->second;
}

}  // namespace tidemark::backup
