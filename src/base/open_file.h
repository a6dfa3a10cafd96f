// An open file: reads, writes and syncs at offsets. Every call asks the fault hook (file_hook.h).
// Threads: any, but for opening, RenameTo and moves. Errors name the file: kNotFound,
// kAlreadyExists, kNoSpace, kIo; those of `what` say what was done.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file_hook.h"
#include "base/result.h"

namespace tidemark {

// Asks the hook; its refusal as an error: "WHAT PATH: ...".
Result<void> AskForCall(const FileCall& call, std::string_view what);
// The errno of a call that failed just now, likewise.
Unexpected FailedCall(std::string_view what, std::string_view path);

class OpenFile {
 public:
  enum class Mode { kRead, kWrite, kCreate };  // kCreate empties a file that exists; both may read

  static Result<OpenFile> Open(std::string path, Mode mode, int permissions = 0600);
  OpenFile() = default;
  OpenFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}  // which it closes
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  Result<uint64_t> Size() const;
  Result<uint64_t> Links() const;  // how many names the file has

  // Reads up to `bytes`; fewer only at the end of the file.
  Result<size_t> ReadAt(uint64_t offset, char* out, size_t bytes) const;
  Result<void> WriteAt(uint64_t offset, BytesView bytes);
  Result<void> SyncData();  // fdatasync
  Result<void> SyncAll();   // fsync: length and times as well
  // Reserves blocks so that a full disk shows early. Not supported is not an error.
  Result<void> Allocate(uint64_t bytes);
  Result<void> Cut(uint64_t bytes);
  // Renames the file, over another if there is one; its errors name it by its new name from then
  // on. Not durable.
  Result<void> RenameTo(const std::string& path);

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace tidemark
