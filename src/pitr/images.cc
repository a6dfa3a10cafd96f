#include "pitr/images.h"

#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/log.h"

namespace tidemark::pitr {

namespace fs = std::filesystem;

namespace {

void RemoveUnknown(const std::string& directory, const std::set<std::string>& known) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    // The latter: of a file system of its own, which may be mounted there.
    if (known.contains(name) || name == "lost+found") continue;
    LogInfo("removing image {}, which no backup and no history refers to", name);
    RemoveImageFiles(entry.path().string());
  }
}

}  // namespace

Result<catalog::ImageRecord> PinImage(shard::Shard& shard, TableId table, ImageId id,
                                      const std::string& act) {
  catalog::ImageRecord image;
  image.id = id;
  image.table = table;
  image.region = Region(shard.name());
  image.directory = id.ToString();
  TM_TRY(const auto pinned, shard.Pin(table, ImagePath(shard, image), act));
  image.as_of = pinned.as_of;
  image.position = pinned.position;
  image.replay_from = pinned.replay_from;
  image.file_bytes = pinned.file_bytes;
  image.totals = pinned.totals;
  return image;
}

std::string ImagePath(const shard::Shard& shard, const catalog::ImageRecord& image) {
  return image.is_cold() ? ColdPath(shard, image) : WarmPath(shard, image);
}

std::string WarmPath(const shard::Shard& shard, const catalog::ImageRecord& image) {
  return shard.ImagesDirectory() + "/" + image.directory;
}

std::string ColdPath(const shard::Shard& shard, const catalog::ImageRecord& image) {
  return shard.ColdDirectory() + "/" + image.directory;
}

void RemoveImageFiles(const std::string& path) {
  if (auto removed = RemoveTree(path); !removed)
    LogWarn("{} stays until the next start: {}", path, removed.error().message);
}

void RemoveUnrecorded(const std::string& path, const Error& error) {
  if (!catalog::MayBeStored(error)) return RemoveImageFiles(path);
  LogWarn("{} stays until the next start: {}", path, error.message);
}

void RemoveOrphans(const catalog::Catalog& catalog, const shard::Shard& shard) {
  std::set<std::string> warm, cold;
  const auto keep = [&](const catalog::ImageRecord& image) {
    (image.is_cold() ? cold : warm).insert(image.directory);
  };
  for (const auto& image : catalog.AllImages()) keep(*image);
  for (const auto& backup : catalog.AllBackups()) keep(backup->image);
  RemoveUnknown(shard.ImagesDirectory(), warm);
  RemoveUnknown(shard.ColdDirectory(), cold);
}

uint64_t AloneBytes(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    std::error_code gone;
    if (entry.hard_link_count(gone) != 1 || gone) continue;
    const uint64_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace tidemark::pitr
