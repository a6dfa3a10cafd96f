#include "pitr/open_images.h"

#include <algorithm>
#include <vector>

#include "base/files.h"
#include "pitr/images.h"
#include "shard/image_run.h"

namespace tidemark::pitr {

Result<std::string> OpenImages::Directory(const shard::Shard& shard) {
  const std::string directory = ParentDirectory(shard.ImagesDirectory()) + "/" + folder_;
  if (!cleaned_.contains(directory)) {
    TM_TRYV(RemoveTree(directory));
    TM_TRYV(MakeDirectories(directory));
    cleaned_.insert(directory);
  }
  return directory;
}

OpenImages::Reader OpenImages::Find(const catalog::ImageRecord& image) {
  std::lock_guard lock(mutex_);
  const auto at = images_.find(image.id);
  // What was opened before the image got its run lacks it.
  if (at == images_.end() || at->second.image.replay_from != image.replay_from) return nullptr;
  at->second.used = Steady::now();
  return at->second.reader;
}

Result<OpenImages::Reader> OpenImages::Open(const catalog::ImageRecord& image, TableId sealed_for,
                                            bool of_backup) {
  if (auto open = Find(image)) return open;
  std::lock_guard opening(opening_);
  if (auto open = Find(image)) return open;
  const shard::Shard* shard = shards_.Find(image.region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", image.region.value);
  TM_TRY(const std::string views, Directory(*shard));
  const std::string path = ImagePath(*shard, image);
  TM_TRY(auto reader,
         engine_.OpenImage(path, views + "/" + ImageId::Make(random_).ToString(), sealed_for));
  if (of_backup) TM_TRYV(shard::CheckRun(*reader, path, image.totals));
  Reader shared = std::move(reader);
  std::vector<Opened> closed;  // outside the lock
  std::lock_guard lock(mutex_);
  while (!images_.empty() && images_.size() >= images_max_) {
    const auto oldest = std::min_element(
        images_.begin(), images_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    closed.push_back(std::move(oldest->second));
    images_.erase(oldest);
  }
  images_[image.id] = {image, shared, Steady::now()};
  return shared;
}

void OpenImages::Tend(const std::function<bool(const catalog::ImageRecord&)>& is_gone) {
  std::vector<Opened> closed;  // outside the lock
  std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  for (auto at = images_.begin(); at != images_.end();) {
    if (is_gone(at->second.image) || now - at->second.used > idle_) {
      closed.push_back(std::move(at->second));
      at = images_.erase(at);
    } else {
      ++at;
    }
  }
}

size_t OpenImages::count() const {
  std::lock_guard lock(mutex_);
  return images_.size();
}

}  // namespace tidemark::pitr
