#include "engine/rocks/image_check.h"

#include <algorithm>

#include "base/files.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/sealing_file_system.h"

namespace tidemark::engine {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

std::shared_ptr<const KeyRing> RingOf(const std::vector<ImageKey>& keys) {
  std::vector<KeyRing::Entry> entries;
  for (const ImageKey& key : keys) entries.push_back({key.generation, key.key});
  const auto current = std::ranges::find(keys, true, &ImageKey::current);
  const auto at = current == keys.end() ? 0 : current - keys.begin();
  return std::make_shared<const KeyRing>(std::move(entries), static_cast<size_t>(at));
}

Result<void> ReadWhole(SealingFileSystem& files, const std::string& name, Bytes& scratch,
                       const std::atomic<bool>& stop) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  TM_TRYV(CheckRocks(files.NewSequentialFile(std::string(SealingFileSystem::kInside) + "/" + name,
                                             {}, &file, nullptr),
                     name));
  for (rocksdb::Slice got(" "); !got.empty();) {
    if (stop) return Fail(ErrorKind::kCancelled, "the server is stopping");
    TM_TRYV(CheckRocks(file->Read(scratch.size(), {}, &got, scratch.data(), nullptr), name));
  }
  return {};
}

// A run that is still being written, and a KEYS being replaced, belong to nothing yet.
bool IsSealed(const std::string& name) {
  return !name.starts_with("run-making-") && !name.starts_with(kKeysFile);
}

Error Within(const std::string& image, Error error) {
  const std::string prefix = image + "/";
  for (size_t at; (at = error.message.find(prefix)) != std::string::npos;)
    error.message.erase(at, prefix.size());
  return error;
}

}  // namespace

Result<void> CheckImageFiles(const std::string& image, const std::vector<ImageKey>& keys,
                             const std::atomic<bool>& stop) {
  if (keys.empty()) return {};  // nothing is sealed with none
  SealingFileSystem files(image, RingOf(keys), TheSystemRandom(),
                          std::make_shared<DescriptorPool>(1));
  Bytes scratch(kPieceBytes, '\0');
  TM_TRY(const auto names, ListDirectory(image));
  for (const std::string& name : names) {
    if (!IsSealed(name)) continue;
    auto read = ReadWhole(files, name, scratch, stop);
    if (!read) return Fail(Within(image, std::move(read).error()));
  }
  return {};
}

}  // namespace tidemark::engine
