#include "engine/rocks/directory.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/file_hook.h"
#include "base/files.h"

namespace tidemark::engine {

std::string FinalName(std::string path) {
  BytesView suffix = kMakingSuffix;
  if (size_t at = path.rfind(suffix); at != std::string::npos) path.erase(at, suffix.size());
  return path;
}

Result<std::string> MakeAside(const std::string& directory) {
  if (Exists(directory)) return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
  std::string aside = directory + kMakingSuffix;
  TM_TRYV(RemoveTree(aside));
  // Its name need not be durable: Publish gives it another.
  int failed = AskFileHook({.op = FileOp::kMakeDirectory, .path = aside});
  if (failed == 0 && ::mkdir(aside.c_str(), 0700) != 0) failed = errno;
  if (failed != 0) return Fail(FromErrno(failed, "make " + aside));
  return aside;
}

Result<void> Publish(const std::string& from, const std::string& to) {
  TM_TRYV(SyncDirectory(from));
  if (Exists(to)) return Fail(ErrorKind::kAlreadyExists, "{} exists", to);
  return RenameDurably(from, to);
}

}  // namespace tidemark::engine
