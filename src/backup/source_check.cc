#include "backup/source_check.h"

#include "base/files.h"
#include "base/random.h"
#include "engine/rocks/image_check.h"
#include "pitr/row_sums.h"
#include "shard/image_run.h"

namespace tidemark::backup {
namespace {

Error AsDamage(const std::string& image, Error error) {
  for (const std::string& prefix : {image + "/", ParentDirectory(image) + "/"}) {
    for (size_t at; (at = error.message.find(prefix)) != std::string::npos;)
      error.message.erase(at, prefix.size());
  }
  // The image is there: what is not found is a part of it.
  if (error.kind == ErrorKind::kNotFound && Exists(image)) error.kind = ErrorKind::kCorruption;
  return error.kind == ErrorKind::kCorruption
             ? WithContext(std::move(error), "the backup's files are damaged")
             : error;
}

// For a reader's links, which go with it.
std::string ViewBeside(const std::string& image) {
  return ParentDirectory(image) + "/" + ImageId::Make(TheSystemRandom()).ToString();
}

}  // namespace

Result<void> CheckSource(engine::Engine& engine, const std::string& image,
                         const catalog::BackupRecord& backup, const std::atomic<bool>& stop) {
  const auto keys = engine.KeysOf(image);
  if (!keys) return Fail(AsDamage(image, keys.error()));
  auto checked = engine::CheckImageFiles(image, *keys, stop);
  if (!checked) return Fail(AsDamage(image, std::move(checked).error()));
  // Whether none of them is missing; the reader and its links go at once.
  const auto opened = engine.OpenImage(image, ViewBeside(image), TableId::Make(TheSystemRandom()));
  if (!opened) return Fail(AsDamage(image, opened.error()));
  if (backup.image.is_cold()) return {};
  auto whole = shard::CheckRun(**opened, image, backup.image.totals);
  return whole ? whole : Fail(AsDamage(image, std::move(whole).error()));
}

Result<void> CheckRows(engine::Engine& engine, const std::string& image,
                       const catalog::BackupRecord& backup, const std::atomic<bool>& stop) {
  const auto reader = engine.OpenImage(image, ViewBeside(image), TableId::Make(TheSystemRandom()));
  if (!reader) return Fail(AsDamage(image, reader.error()));
  const auto going_on = [&](uint64_t) -> Result<void> {
    if (stop) return Fail(ErrorKind::kCancelled, "the server is stopping");
    return {};
  };
  for (const uint16_t number : pitr::CountedIndexes(backup.source)) {
    pitr::RowSums sums;
    TM_TRY(const auto rows, (*reader)->Scan(pitr::RowsOf(number)));
    auto read = pitr::AddRows(*rows, going_on, &sums);
    if (!read) return Fail(AsDamage(image, std::move(read).error()));
    TM_TRYV(sums.CompareOne("the backup", number, backup.image.totals));
  }
  return {};
}

}  // namespace tidemark::backup
