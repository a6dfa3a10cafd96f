#include "engine/rocks/sst_slices.h"

#include <rocksdb/env.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>

#include <memory>

#include "base/assert.h"
#include "engine/rocks/rocks_status.h"

namespace tidemark::engine {
namespace {

class SliceWriter {
 public:
  SliceWriter(const rocksdb::Options& options, std::string prefix, uint64_t slice_bytes)
      : options_(options), prefix_(std::move(prefix)), slice_bytes_(slice_bytes) {}

  Result<void> Add(const RowWrite& row) {
    TM_ASSERT(row.key >= kFirstRowKey);
    // Within a slice RocksDB looks itself; this is for the border between two.
    if (written_.paths.empty()) {
      written_.first_key = row.key;
    } else if (row.key <= written_.last_key) {
      return Fail(ErrorKind::kInternal, "rows to ingest are not in strictly increasing key order");
    }
    written_.last_key = row.key;
    if (writer_ == nullptr) TM_TRYV(Begin());
    rocksdb::Slice key(row.key);
    TM_TRYV(
        CheckRocks(row.value ? writer_->Put(key, rocksdb::Slice(*row.value)) : writer_->Delete(key),
                   "write " + written_.paths.back()));
    bytes_ += row.key.size() + (row.value ? row.value->size() : 0);
    if (bytes_ >= slice_bytes_) TM_TRYV(End());
    return {};
  }

  Result<void> End() {
    if (writer_ == nullptr) return {};
    rocksdb::Status status = writer_->Finish();
    writer_.reset();
    return CheckRocks(status, "finish " + written_.paths.back());
  }

  void Remove() {
    writer_.reset();
    for (const std::string& path : written_.paths)
      options_.env->DeleteFile(path).PermitUncheckedError();
  }

  Slices Take() { return std::move(written_); }

 private:
  Result<void> Begin() {
    written_.paths.push_back(prefix_ + std::to_string(written_.paths.size()) + ".sst");
    bytes_ = 0;
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), options_);
    return CheckRocks(writer_->Open(written_.paths.back()), "create " + written_.paths.back());
  }

  const rocksdb::Options& options_;
  std::string prefix_;
  uint64_t slice_bytes_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  Slices written_;
  uint64_t bytes_ = 0;
};

Result<void> AddAll(SliceWriter& slices, const NextRow& next) {
  while (true) {
    TM_TRY(auto row, next());
    if (!row) return slices.End();
    TM_TRYV(slices.Add(*row));
  }
}

}  // namespace

Result<Slices> WriteSlices(const rocksdb::Options& options, const std::string& prefix,
                           uint64_t slice_bytes, const NextRow& next) {
  SliceWriter slices(options, prefix, slice_bytes);
  if (Result<void> added = AddAll(slices, next); !added) {
    slices.Remove();
    return Fail(std::move(added).error());
  }
  return slices.Take();
}

Result<void> CacheEnds(const rocksdb::Options& options, const std::string& path) {
  rocksdb::SstFileReader reader(options);
  TM_TRYV(CheckRocks(reader.Open(path), "read " + path));
  const std::unique_ptr<rocksdb::Iterator> rows(reader.NewIterator(rocksdb::ReadOptions()));
  rows->SeekToFirst();
  if (rows->Valid()) rows->SeekToLast();
  return CheckRocks(rows->status(), "read " + path);
}

Result<void> WriteErasure(const rocksdb::Options& options, const std::string& path, BytesView begin,
                          BytesView end) {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(options), options);
  TM_TRYV(CheckRocks(writer.Open(path), "create " + path));
  TM_TRYV(
      CheckRocks(writer.DeleteRange(rocksdb::Slice(begin), rocksdb::Slice(end)), "write " + path));
  return CheckRocks(writer.Finish(), "finish " + path);
}

}  // namespace tidemark::engine
