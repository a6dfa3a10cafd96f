#include "engine/rocks/rocks_status.h"

namespace tidemark::engine {
namespace {

ErrorKind KindOf(const rocksdb::Status& status) {
  if (status.IsCorruption()) return ErrorKind::kCorruption;
  if (status.IsNoSpace()) return ErrorKind::kNoSpace;
  if (status.IsNotFound() || status.IsPathNotFound()) return ErrorKind::kNotFound;
  if (status.IsIOError()) return ErrorKind::kIo;
  if (status.IsIncomplete() || status.IsBusy() || status.IsTimedOut() || status.IsTryAgain()) {
    return ErrorKind::kUnavailable;
  }
  return ErrorKind::kInternal;
}

}  // namespace

Error FromRocks(const rocksdb::Status& status, std::string_view what) {
  return MakeError(KindOf(status), "{}: {}", what, status.ToString());
}

Result<void> CheckRocks(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return {};
  return Fail(FromRocks(status, what));
}

rocksdb::IOStatus ToIoStatus(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kCorruption:
      return rocksdb::IOStatus::Corruption(error.message);
    case ErrorKind::kNoSpace:
      return rocksdb::IOStatus::NoSpace(error.message);
    case ErrorKind::kNotFound:
      return rocksdb::IOStatus::PathNotFound(error.message);  // what RocksDB's own files say
    default:
      return rocksdb::IOStatus::IOError(error.message);
  }
}

rocksdb::IOStatus ToIoStatus(const Result<void>& result) {
  return result ? rocksdb::IOStatus::OK() : ToIoStatus(result.error());
}

}  // namespace tidemark::engine
