// A table as of an instant, as rows to read: an image with the newest versions since laid over it.
#pragma once
#include <memory>

#include "engine/table_store.h"
#include "pitr/past.h"

namespace tidemark::pitr {

class PastRows : public engine::RowReader, public std::enable_shared_from_this<PastRows> {
 public:
  // `image`: of past.image().
  PastRows(std::shared_ptr<const engine::RowReader> image, TablePast past)
      : image_(std::move(image)), past_(std::move(past)) {}

  // `cached_only` is always kUnavailable: nothing here is sure not to touch the disk.
  Result<std::optional<Bytes>> Get(BytesView key, bool cached_only) const override;
  // The iterator keeps this alive.
  Result<std::unique_ptr<engine::RowIterator>> Scan(
      const engine::ScanOptions& options) const override;

 private:
  std::shared_ptr<const engine::RowReader> image_;
  TablePast past_;
};

}  // namespace tidemark::pitr
