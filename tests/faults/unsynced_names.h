// Changes of names (create, link, rename, remove, mkdir) that no directory sync has made durable,
// with what it takes to undo them: removed and replaced files live on under a stash.
//
// A change belongs to the directory its new name is in; a sync of that directory makes it and all
// earlier ones there durable. Not thread-safe.
#pragma once
#include <sys/types.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace tidemark::faults {

class UnsyncedNames {
 public:
  // `stash`: a directory of its own on the same file system. `forget` is told the inode of a file
  // whose last name goes.
  UnsyncedNames(std::string stash, std::function<void(ino_t)> forget);

  // Each before it happens; what would fail is passed over.
  void Create(const std::string& path);
  void MakeDirectory(const std::string& path);
  void Link(const std::string& path, const std::string& to);
  void Rename(const std::string& path, const std::string& to);
  void Remove(const std::string& path);
  void SyncDirectory(const std::string& directory);

  size_t size() const { return pending_.size(); }
  const std::string& stash() const { return stash_; }

  // Keeps the first changes, of all or of each directory, and undoes the rest.
  void Lose(std::mt19937_64& random);

 private:
  enum class Kind { kCreate, kMakeDirectory, kLink, kRename, kRemove };
  struct Change {
    Kind kind = Kind::kCreate;
    std::string path;  // as it is reached now, after later renames of directories
    std::string to;    // kRename, kLink
    bool directory = false;
    std::string stashed;              // file removed, or replaced by a rename
    bool replaced_directory = false;  // an empty one, by a rename
    mode_t mode = 0;                  // of a directory removed or replaced

    const std::string& name() const {
      return kind == Kind::kRename || kind == Kind::kLink ? to : path;
    }
  };

  std::string Stash(const std::string& path);
  void DropStash(const std::string& stashed);
  // Paths of the changes [0, end) below `from` are reached through `to` from now on.
  void Reroute(const std::string& from, const std::string& to, size_t end);
  void Undo(size_t at);

  const std::string stash_;
  const std::function<void(ino_t)> forget_;
  uint64_t stashed_ = 0;
  std::vector<Change> pending_;
};

}  // namespace tidemark::faults
