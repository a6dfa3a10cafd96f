// A range of a table in either direction, as of the moment it was opened.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/rocks_store.h"

namespace tidemark::engine {
namespace {

class RocksIterator : public RowIterator {
 public:
  RocksIterator(rocksdb::DB& db, const ScanOptions& options, std::string directory)
      // The engine's own row lies below kFirstRowKey.
      : begin_(std::max<BytesView>(options.begin, kFirstRowKey)),
        end_(options.end),
        lower_(begin_),
        upper_(end_),
        reverse_(options.reverse),
        directory_(std::move(directory)) {
    if (!end_.empty() && end_ <= begin_) return;
    rocksdb::ReadOptions read;
    read.iterate_lower_bound = &lower_;
    if (!end_.empty()) read.iterate_upper_bound = &upper_;
    read.fill_cache = options.fill_cache;
    if (!options.fill_cache) read.readahead_size = 512 << 10;
    iterator_.reset(db.NewIterator(read));
    if (reverse_) {
      iterator_->SeekToLast();
    } else {
      iterator_->Seek(lower_);
    }
  }

  bool Valid() const override { return iterator_ != nullptr && iterator_->Valid(); }
  void Next() override {
    TM_ASSERT(Valid());
    if (reverse_) {
      iterator_->Prev();
    } else {
      iterator_->Next();
    }
  }
  BytesView key() const override { return View(iterator_->key()); }
  BytesView value() const override { return View(iterator_->value()); }
  Result<void> status() const override {
    if (iterator_ == nullptr) return {};
    rocksdb::Status status = iterator_->status();
    if (status.ok()) return {};
    return Fail(FromRocks(status, "scan " + directory_));
  }

 private:
  static BytesView View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

  Bytes begin_;
  Bytes end_;
  rocksdb::Slice lower_;  // RocksDB keeps pointers to these two
  rocksdb::Slice upper_;
  bool reverse_;
  std::string directory_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

Result<std::unique_ptr<RowIterator>> RocksStore::Scan(const ScanOptions& options) const {
  auto scan = std::make_unique<RocksIterator>(*db_, options, files_->directory());
  TM_TRYV(scan->status());
  return scan;
}

}  // namespace tidemark::engine
