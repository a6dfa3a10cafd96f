#include "engine/rocks/table_place.h"

#include <mutex>
#include <utility>

#include "base/bytes.h"
#include "base/files.h"

namespace tidemark::engine {

TablePlace::TablePlace(std::string directory, std::shared_ptr<DescriptorPool> descriptors)
    : directory_(std::move(directory)), descriptors_(std::move(descriptors)) {}

std::string TablePlace::directory() const {
  std::shared_lock lock(mutex_);
  return directory_;
}

std::string TablePlace::Resolve(const std::string& path) const {
  BytesView inside = kInside;
  if (path.starts_with(inside) && (path.size() == inside.size() || path[inside.size()] == '/')) {
    return directory_ + path.substr(inside.size());
  }
  return path;
}

TablePlace::Real TablePlace::At(const std::string& path) const {
  std::shared_lock lock(mutex_);
  std::string real = Resolve(path);
  return {std::move(lock), std::move(real)};
}

std::string TablePlace::Also(const Real&, const std::string& path) const { return Resolve(path); }

Result<void> TablePlace::SyncDeferred(const std::string& directory) {
  TM_TRY(const auto names, ListDirectory(directory));
  for (const std::string& name : names) BeginWriteback(directory + "/" + name);
  for (const std::string& name : names) {
    auto synced = SyncFile(directory + "/" + name);
    // RocksDB removes what it has replaced when it comes to it.
    if (!synced && synced.error().kind != ErrorKind::kNotFound) return synced;
  }
  return {};
}

Result<void> TablePlace::MoveTo(const std::string& to) {
  const std::string from = directory();
  if (defers_syncs_.exchange(false)) TM_TRYV(SyncDeferred(from));
  TM_TRYV(SyncDirectory(from));
  if (Exists(to)) return Fail(ErrorKind::kAlreadyExists, "{} exists", to);
  {
    // Only the renaming itself keeps those who open files waiting.
    std::unique_lock lock(mutex_);
    TM_TRYV(Rename(from, to));
    directory_ = to;
  }
  const std::string target = ParentDirectory(to);
  TM_TRYV(SyncDirectory(target));
  const std::string source = ParentDirectory(from);
  return source == target ? Result<void>() : SyncDirectory(source);
}

}  // namespace tidemark::engine
