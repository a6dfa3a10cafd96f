#include "engine/rocks/out_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file_hook.h"

namespace tidemark::engine {

OutFile::OutFile(std::shared_ptr<const TablePlace> place, std::string path)
    : place_(std::move(place)), path_(std::move(path)) {}

OutFile::OutFile(OutFile&& other) noexcept
    : place_(std::move(other.place_)),
      path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      made_(other.made_),
      failed_(other.failed_),
      size_(other.size_) {}

OutFile::~OutFile() { Release(); }

Result<void> OutFile::Failed(int error_number, const char* act) {
  failed_ = true;
  return Fail(FromErrno(error_number, fmt::format("{} {}", act, RealPath())));
}

Result<void> OutFile::Open() {
  const TablePlace::Real real = place_->At(path_);
  const FileOp op = made_ ? FileOp::kOpen : FileOp::kCreate;
  int failed = AskFileHook({.op = op, .path = real.path});
  if (failed == 0) {
    const int create = made_ ? 0 : O_CREAT | O_TRUNC;
    descriptor_ = ::open(real.path.c_str(), O_WRONLY | O_CLOEXEC | create, 0600);
    if (descriptor_ < 0) failed = errno;
  }
  if (failed != 0) {
    failed_ = true;
    return Fail(FromErrno(failed, fmt::format("{} {}", made_ ? "open" : "create", real.path)));
  }
  made_ = true;
  place_->descriptors().WriterOpened();
  return {};
}

Result<void> OutFile::Append(BytesView data) {
  if (failed_) return Fail(ErrorKind::kIo, "{}: an earlier write failed", RealPath());
  if (descriptor_ < 0) TM_TRYV(Open());
  if (g_file_hook.load(std::memory_order_acquire) != nullptr) {
    const std::string path = RealPath();
    if (const int failed = AskFileHook({.op = FileOp::kWrite,
                                        .path = path,
                                        .offset = size_,
                                        .bytes = data.size(),
                                        .data = data})) {
      return Failed(failed, "write");
    }
  }
  while (!data.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, data.data(), data.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(errno, "write");
    size_ += static_cast<uint64_t>(written);
    data.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> OutFile::Sync() {
  if (failed_) return Fail(ErrorKind::kIo, "{}: an earlier write failed", RealPath());
  if (descriptor_ < 0) return {};  // nothing since the last Sync
  if (place_->defers_syncs()) return {};
  if (g_file_hook.load(std::memory_order_acquire) != nullptr) {
    const std::string path = RealPath();
    if (const int failed = AskFileHook({.op = FileOp::kSync, .path = path})) {
      return Failed(failed, "sync");
    }
  }
  if (::fdatasync(descriptor_) != 0) return Failed(errno, "sync");
  return {};
}

void OutFile::BeginWriteback(uint64_t offset, uint64_t bytes) {
  if (descriptor_ < 0) return;
  (void)::sync_file_range(descriptor_, static_cast<off64_t>(offset), static_cast<off64_t>(bytes),
                          SYNC_FILE_RANGE_WRITE);
}

void OutFile::Release() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  descriptor_ = -1;
  place_->descriptors().WriterClosed();
}

}  // namespace tidemark::engine
