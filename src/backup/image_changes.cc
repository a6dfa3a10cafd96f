#include "backup/image_changes.h"

#include "base/files.h"
#include "engine/row_stream.h"
#include "engine/run_names.h"

namespace tidemark::backup {
namespace {

// One image, row by row.
class Side {
 public:
  static Result<Side> Open(engine::Engine& engine, const std::string& image,
                           const std::string& view) {
    TM_TRY(auto reader, engine.OpenImage(image, view, TableId::Make(TheSystemRandom())));
    TM_TRY(auto rows, engine::RowStream::Open(*reader));
    return Side(std::move(reader), std::move(rows));
  }
  Result<void> Advance() {
    TM_TRY(row_, rows_.Next());
    return {};
  }
  const std::optional<engine::RowWrite>& row() const { return row_; }

 private:
  Side(std::unique_ptr<engine::RowReader> reader, engine::RowStream rows)
      : reader_(std::move(reader)), rows_(std::move(rows)) {}

  std::unique_ptr<engine::RowReader> reader_;  // before its rows
  engine::RowStream rows_;
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
                              const std::string& directory, const std::atomic<bool>& stop) {
  const std::string made = directory + "/changes";
  TM_TRYV(RemoveTree(directory));
  TM_TRYV(MakeDirectories(made));
  TM_TRYV(Link(images.newer + "/KEYS", made + "/KEYS"));
  TM_TRY(auto older, Side::Open(engine, images.older, directory + "/older"));
  TM_TRY(auto newer, Side::Open(engine, images.newer, directory + "/newer"));
  Changes changes(std::move(older), std::move(newer), stop);
  TM_TRYV(engine.WriteRun(made, [&] { return changes.Next(); }));
  const std::string run = made + "/" + engine::RunName(0);
  return Exists(run) ? FileSize(run) : Result<uint64_t>(0);
}

}  // namespace tidemark::backup
