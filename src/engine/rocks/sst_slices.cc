#include "engine/rocks/sst_slices.h"

#include <rocksdb/env.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>

#include <memory>

#include "base/assert.h"
#include "engine/rocks/rocks_status.h"

namespace tidemark::engine {
namespace {

class Slices {
 public:
  Slices(const rocksdb::Options& options, std::string prefix, uint64_t slice_bytes)
      : options_(options), prefix_(std::move(prefix)), slice_bytes_(slice_bytes) {}

  Result<void> Add(const RowWrite& row) {
    TM_ASSERT(row.key >= kFirstRowKey);
    // Within a slice RocksDB looks itself; this is for the border between two.
    if (!last_key_.empty() && row.key <= last_key_) {
      return Fail(ErrorKind::kInternal, "rows to ingest are not in strictly increasing key order");
    }
    last_key_ = row.key;
    if (writer_ == nullptr) TM_TRYV(Begin());
    rocksdb::Slice key(row.key);
    TM_TRYV(
        CheckRocks(row.value ? writer_->Put(key, rocksdb::Slice(*row.value)) : writer_->Delete(key),
                   "write " + paths_.back()));
    bytes_ += row.key.size() + (row.value ? row.value->size() : 0);
    if (bytes_ >= slice_bytes_) TM_TRYV(End());
    return {};
  }

  Result<void> End() {
    if (writer_ == nullptr) return {};
    rocksdb::Status status = writer_->Finish();
    writer_.reset();
    return CheckRocks(status, "finish " + paths_.back());
  }

  void Remove() {
    writer_.reset();
    for (const std::string& path : paths_) options_.env->DeleteFile(path).PermitUncheckedError();
  }

  std::vector<std::string> TakePaths() { return std::move(paths_); }

 private:
  Result<void> Begin() {
    paths_.push_back(prefix_ + std::to_string(paths_.size()) + ".sst");
    bytes_ = 0;
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), options_);
    return CheckRocks(writer_->Open(paths_.back()), "create " + paths_.back());
  }

  const rocksdb::Options& options_;
  std::string prefix_;
  uint64_t slice_bytes_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::vector<std::string> paths_;
  Bytes last_key_;
  uint64_t bytes_ = 0;
};

Result<void> AddAll(Slices& slices, const NextRow& next) {
  while (true) {
    TM_TRY(auto row, next());
    if (!row) return slices.End();
    TM_TRYV(slices.Add(*row));
  }
}

}  // namespace

Result<std::vector<std::string>> WriteSlices(const rocksdb::Options& options,
                                             const std::string& prefix, uint64_t slice_bytes,
                                             const NextRow& next) {
  Slices slices(options, prefix, slice_bytes);
  if (Result<void> added = AddAll(slices, next); !added) {
    slices.Remove();
    return Fail(std::move(added).error());
  }
  return slices.TakePaths();
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
