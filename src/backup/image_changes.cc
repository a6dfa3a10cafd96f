#include "backup/image_changes.h"

#include "backup/directory_bytes.h"
#include "base/files.h"
#include "engine/row_stream.h"
#include "engine/run_names.h"

namespace tidemark::backup {
namespace {

constexpr uint64_t kBytesBetweenLooks = 1 << 20;  // of rows, at how large the run has become

// One image, row by row.
class Side {
 public:
  static Result<Side> Open(engine::Engine& engine, const std::string& image,
                           const std::string& view, pitr::RowSums* sums) {
    TM_TRY(auto reader, engine.OpenImage(image, view, TableId::Make(TheSystemRandom())));
    TM_TRY(auto rows, engine::RowStream::Open(*reader));
    return Side(std::move(reader), std::move(rows), sums);
  }
  Result<void> Advance() {
    TM_TRY(row_, rows_.Next());
    return row_ && sums_ ? sums_->Add(row_->key, *row_->value) : Result<void>();
  }
  const std::optional<engine::RowWrite>& row() const { return row_; }

 private:
  Side(std::unique_ptr<engine::RowReader> reader, engine::RowStream rows, pitr::RowSums* sums)
      : reader_(std::move(reader)), rows_(std::move(rows)), sums_(sums) {}

  std::unique_ptr<engine::RowReader> reader_;  // before its rows
  engine::RowStream rows_;
  pitr::RowSums* sums_;  // may be null
  std::optional<engine::RowWrite> row_;
};

class Changes {
 public:
  Changes(Side older, Side newer, const std::atomic<bool>& stop)
      : older_(std::move(older)), newer_(std::move(newer)), stop_(stop) {}

  // Views until the next call.
  Result<std::optional<engine::RowWrite>> Next() {
    for (;;) {
      if (stop_) return Fail(ErrorKind::kCancelled, "the server is stopping");
      if (older_due_) TM_TRYV(older_.Advance());
      if (newer_due_) TM_TRYV(newer_.Advance());
      const auto& was = older_.row();
      const auto& is = newer_.row();
      if (!was && !is) return std::nullopt;
      older_due_ = was && (!is || was->key <= is->key);
      newer_due_ = is && (!was || is->key <= was->key);
      if (!newer_due_) return engine::RowWrite{was->key, std::nullopt};
      if (!older_due_ || was->value != is->value) return *is;
    }
  }

 private:
  Side older_, newer_;
  const std::atomic<bool>& stop_;
  bool older_due_ = true, newer_due_ = true;
};

}  // namespace

Result<uint64_t> WriteChanges(engine::Engine& engine, const ImagePair& images,
                              const std::string& directory, const std::atomic<bool>& stop,
                              const ChangesWanted& wanted) {
  const std::string made = directory + "/changes";
  TM_TRYV(RemoveTree(directory));
  TM_TRYV(MakeDirectories(made));
  TM_TRYV(Link(images.newer + "/KEYS", made + "/KEYS"));
  TM_TRY(const uint64_t before, BytesIn(made));
  ImageSums* sums = wanted.sums;
  TM_TRY(auto older,
         Side::Open(engine, images.older, directory + "/older", sums ? &sums->older : nullptr));
  TM_TRY(auto newer,
         Side::Open(engine, images.newer, directory + "/newer", sums ? &sums->newer : nullptr));
  Changes changes(std::move(older), std::move(newer), stop);
  uint64_t unseen = 0, grown = 0;
  const auto next = [&]() -> Result<std::optional<engine::RowWrite>> {
    if (unseen >= kBytesBetweenLooks) {
      unseen = 0;
      TM_TRY(const uint64_t now, BytesIn(made));
      grown = now - before;
      if (grown > wanted.bytes_max) return Fail(ErrorKind::kLimitExceeded, "the run is too large");
    }
    TM_TRY(auto row, changes.Next());
    if (row) unseen += row->key.size() + (row->value ? row->value->size() : 0);
    return row;
  };
  auto written = engine.WriteRun(made, next);
  if (grown > wanted.bytes_max) return grown;
  TM_TRYV(std::move(written));
  const std::string run = made + "/" + engine::RunName(0);
  return Exists(run) ? FileSize(run) : Result<uint64_t>(0);
}

}  // namespace tidemark::backup
