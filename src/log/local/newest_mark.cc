#include "log/local/newest_mark.h"

#include <string>

#include "base/files.h"
#include "log/local/numbered_name.h"

namespace tidemark::log {
namespace {

constexpr NumberedName kMarkName{.prefix = "newest-", .suffix = ""};

}  // namespace

uint32_t NewestMark(const std::filesystem::path& path) { return kMarkName.Number(path); }

Result<void> MoveNewestMark(const std::filesystem::path& directory, uint32_t number,
                            uint32_t* mark) {
  if (*mark == number) return {};
  std::string to = kMarkName.Path(directory, number).string();
  Result<void> moved;
  if (*mark != 0) moved = RenameDurably(kMarkName.Path(directory, *mark).string(), to);
  // None yet, or somebody has removed it.
  if (*mark == 0 || (!moved && moved.error().kind == ErrorKind::kNotFound)) {
    moved = ReplaceFile(to, "");
  }
  if (moved) *mark = number;
  return moved;
}

}  // namespace tidemark::log
