#include "blob/local/directory_moves.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/open_file.h"

namespace tidemark::blob {
namespace {

// Of a call on directories: one that holds something stands in the way.
Unexpected FailedMove(std::string_view what, const std::string& path) {
  const int failed = errno == ENOTEMPTY ? EEXIST : errno;
  return Fail(FromErrno(failed, fmt::format("{} {}", what, path)));
}

}  // namespace

Result<void> MakeScratchDirectory(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kMakeDirectory, .path = path}, "making"));
  if (::mkdir(path.c_str(), 0777) != 0) return FailedMove("making", path);
  return {};
}

Result<void> MakeScratchDirectories(const std::string& path) {
  const auto make = [&] {
    auto made = MakeScratchDirectory(path);
    const bool there = !made && made.error().kind == ErrorKind::kAlreadyExists;
    return there ? Result<void>() : made;
  };
  auto made = make();
  if (made || made.error().kind != ErrorKind::kNotFound) return made;
  TM_TRYV(MakeScratchDirectories(ParentDirectory(path)));
  return make();
}

Result<void> MoveDirectory(const std::string& from, const std::string& to) {
  TM_TRYV(AskForCall({.op = FileOp::kRename, .path = from, .to = to}, "renaming"));
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    return FailedMove("renaming to " + to + ":", from);
  }
  return {};
}

Result<void> ExchangeDirectories(const std::string& a, const std::string& b) {
  TM_TRYV(AskForCall({.op = FileOp::kRename, .path = a, .to = b}, "exchanging"));
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) != 0) {
    return FailedMove("exchanging with " + b + ":", a);
  }
  return {};
}

Result<void> RemoveEmptyDirectory(const std::string& path) {
  TM_TRYV(AskForCall({.op = FileOp::kRemove, .path = path}, "removing"));
  if (::rmdir(path.c_str()) != 0) return FailedMove("removing", path);
  return {};
}

}  // namespace tidemark::blob
