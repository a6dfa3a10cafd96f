// Images that are open to be read, and stay so for who asks next, until nobody has for some time.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"

namespace tidemark::pitr {

class OpenImages {
 public:
  using Reader = std::shared_ptr<const engine::RowReader>;

  // `folder`: beside the images of each shard, of nobody else: what lies there when an image is
  // opened first is what a crash left, and goes. `images_max`: the least recently used are closed.
  OpenImages(catalog::Shards& shards, engine::Engine& engine, Random& random, std::string folder,
             size_t images_max, std::chrono::seconds idle)
      : shards_(shards),
        engine_(engine),
        random_(random),
        folder_(std::move(folder)),
        images_max_(images_max),
        idle_(idle) {}

  // Blocking. Of the first who asks: `sealed_for`, the table whose key the opened image is under;
  // `of_backup`, whether the image is that of one and not of history. Errors: kNotFound (its files
  // are gone), kKeyDisabled, kCorruption, kIo.
  Result<Reader> Open(const catalog::ImageRecord& image, TableId sealed_for, bool of_backup);

  // Closes what is idle, and what `is_gone`. Who still reads goes on.
  void Tend(const std::function<bool(const catalog::ImageRecord&)>& is_gone);
  size_t count() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Opened {
    catalog::ImageRecord image;
    Reader reader;
    Steady::time_point used;
  };

  Reader Find(const catalog::ImageRecord& image);
  Result<std::string> Directory(const shard::Shard& shard);

  catalog::Shards& shards_;
  engine::Engine& engine_;
  Random& random_;
  const std::string folder_;
  const size_t images_max_;
  const std::chrono::seconds idle_;

  std::mutex opening_;             // one opens an image at a time
  std::set<std::string> cleaned_;  // under opening_: directories without leftovers
  mutable std::mutex mutex_;       // what follows
  std::map<ImageId, Opened> images_;
};

}  // namespace tidemark::pitr
