// All rows of a reader, as what takes rows one after the other wants them (Ingest, WriteRun,
// WriteColdImage).
#pragma once
#include <memory>
#include <utility>

#include "engine/table_store.h"

namespace tidemark::engine {

class RowStream {
 public:
  // Reads once, past the cache. `reader` must outlive it.
  static Result<RowStream> Open(const RowReader& reader) {
    TM_TRY(auto rows, reader.Scan({.begin = Bytes(kFirstRowKey), .end = {}, .fill_cache = false}));
    return RowStream(std::move(rows));
  }

  // Views until the next call; nullopt at the end. kCorruption, kIo.
  Result<std::optional<RowWrite>> Next() {
    if (std::exchange(begun_, true)) rows_->Next();
    if (rows_->Valid()) return RowWrite{rows_->key(), rows_->value()};
    TM_TRYV(rows_->status());
    return std::nullopt;
  }

 private:
  explicit RowStream(std::unique_ptr<RowIterator> rows) : rows_(std::move(rows)) {}

  std::unique_ptr<RowIterator> rows_;
  bool begun_ = false;
};

}  // namespace tidemark::engine
