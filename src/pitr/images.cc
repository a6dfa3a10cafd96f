#include "pitr/images.h"

#include <filesystem>
#include <set>

#include "base/log.h"

namespace tidemark::pitr {

namespace fs = std::filesystem;

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
  return shard.ImagesDirectory() + "/" + image.directory;
}

void RemoveImageFiles(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) LogWarn("{} stays until the next start: {}", path, error.message());
}

void RemoveOrphans(const catalog::Catalog& catalog, const shard::Shard& shard) {
  std::set<std::string> known;
  for (const auto& image : catalog.AllImages()) known.insert(image->directory);
  for (const auto& backup : catalog.AllBackups()) known.insert(backup->image.directory);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(shard.ImagesDirectory(), error)) {
    const std::string name = entry.path().filename().string();
    if (known.contains(name)) continue;
    LogInfo("removing image {}, which no backup and no history refers to", name);
    RemoveImageFiles(entry.path().string());
  }
}

std::vector<catalog::ImagePtr> Superfluous(const std::vector<catalog::ImagePtr>& images,
                                           Timestamp earliest) {
  std::vector<catalog::ImagePtr> superfluous;
  for (size_t i = 0; i + 1 < images.size() && images[i + 1]->as_of <= earliest; ++i) {
    superfluous.push_back(images[i]);
  }
  return superfluous;
}

}  // namespace tidemark::pitr
