#include "faults/unsynced_names.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/assert.h"
#include "base/files.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

bool Look(const std::string& path, struct stat* info) { return ::lstat(path.c_str(), info) == 0; }

bool IsDirectory(const std::string& path) {
  struct stat info;
  return Look(path, &info) && S_ISDIR(info.st_mode);
}

}  // namespace

UnsyncedNames::UnsyncedNames(std::string stash, std::function<void(ino_t)> forget)
    : stash_(std::move(stash)), forget_(std::move(forget)) {
  fs::remove_all(stash_);
  fs::create_directories(stash_);
}

void UnsyncedNames::Create(const std::string& path) {
  if (Exists(path) || !IsDirectory(ParentDirectory(path))) return;
  pending_.push_back({.kind = Kind::kCreate, .path = path});
}

void UnsyncedNames::MakeDirectory(const std::string& path) {
  if (Exists(path) || !IsDirectory(ParentDirectory(path))) return;
  pending_.push_back({.kind = Kind::kMakeDirectory, .path = path, .directory = true});
}

void UnsyncedNames::Link(const std::string& path, const std::string& to) {
  if (!Exists(path) || Exists(to) || !IsDirectory(ParentDirectory(to))) return;
  pending_.push_back({.kind = Kind::kLink, .path = path, .to = to});
}

void UnsyncedNames::Rename(const std::string& path, const std::string& to) {
  struct stat from, over;
  if (path == to || !Look(path, &from) || !IsDirectory(ParentDirectory(to))) return;
  Change change{.kind = Kind::kRename, .path = path, .to = to};
  change.directory = S_ISDIR(from.st_mode);
  if (Look(to, &over)) {
    if (S_ISDIR(over.st_mode) != change.directory) return;
    if (change.directory) {
      if (!fs::is_empty(to)) return;
      change.replaced_directory = true;
      change.mode = over.st_mode;
    } else {
      if (over.st_ino == from.st_ino) return;  // two links of one file: rename does nothing
      change.stashed = Stash(to);
    }
  }
  if (change.directory) Reroute(path, to, pending_.size());
  pending_.push_back(std::move(change));
}

void UnsyncedNames::Remove(const std::string& path) {
  struct stat info;
  if (!Look(path, &info)) return;
  Change change{.kind = Kind::kRemove, .path = path, .directory = S_ISDIR(info.st_mode)};
  if (change.directory) {
    if (!fs::is_empty(path)) return;
    change.mode = info.st_mode;
  } else {
    change.stashed = Stash(path);
  }
  pending_.push_back(std::move(change));
}

void UnsyncedNames::SyncDirectory(const std::string& directory) {
  std::vector<Change> rest;
  for (Change& change : pending_) {
    if (ParentDirectory(change.name()) != directory) {
      rest.push_back(std::move(change));
      continue;
    }
    DropStash(change.stashed);
    if (change.kind != Kind::kRemove || !change.directory) continue;
    // What was under way in a directory that is gone for good: all of it is older.
    std::erase_if(rest, [&](const Change& older) {
      if (!older.name().starts_with(change.path + "/")) return false;
      DropStash(older.stashed);
      return true;
    });
  }
  pending_ = std::move(rest);
}

std::string UnsyncedNames::Stash(const std::string& path) {
  std::string stashed = stash_ + "/" + std::to_string(++stashed_);
  TM_ASSERT(::link(path.c_str(), stashed.c_str()) == 0);
  return stashed;
}

void UnsyncedNames::DropStash(const std::string& stashed) {
  struct stat info;
  if (stashed.empty() || !Look(stashed, &info)) return;
  if (info.st_nlink == 1) forget_(info.st_ino);
  ::unlink(stashed.c_str());
}

void UnsyncedNames::Reroute(const std::string& from, const std::string& to, size_t end) {
  const std::string below = from + "/";
  for (size_t i = 0; i < end; ++i) {
    for (std::string* path : {&pending_[i].path, &pending_[i].to}) {
      if (path->starts_with(below)) *path = to + path->substr(from.size());
    }
  }
}

void UnsyncedNames::Lose(std::mt19937_64& random) {
  const auto kind = random() % 8;
  const size_t all = kind == 0 ? pending_.size() : kind <= 2 ? 0 : random() % (pending_.size() + 1);
  std::map<std::string, size_t> of_directory;  // how many of its changes are kept
  std::vector<bool> kept(pending_.size());
  if (kind <= 4) {
    for (size_t i = 0; i < kept.size(); ++i) kept[i] = i < all;
  } else {
    for (const Change& change : pending_) ++of_directory[ParentDirectory(change.name())];
    for (auto& [directory, count] : of_directory) count = random() % (count + 1);
    for (size_t i = 0; i < kept.size(); ++i) {
      size_t& left = of_directory[ParentDirectory(pending_[i].name())];
      kept[i] = left > 0;
      if (left > 0) --left;
    }
  }
  for (size_t at = pending_.size(); at-- > 0;) {
    if (!kept[at]) Undo(at);
  }
  pending_.clear();
  fs::remove_all(stash_);
  fs::create_directories(stash_);
}

// What cannot be undone, because a kept change stands in the way, stays: a disk may have it so.
void UnsyncedNames::Undo(size_t at) {
  const Change change = pending_[at];
  switch (change.kind) {
    case Kind::kCreate:
      ::unlink(change.path.c_str());
      break;
    case Kind::kMakeDirectory: {
      std::error_code ignored;
      fs::remove_all(change.path, ignored);
      break;
    }
    case Kind::kLink:
      ::unlink(change.to.c_str());
      break;
    case Kind::kRename:
      if (Exists(change.path) || ::rename(change.to.c_str(), change.path.c_str()) != 0) break;
      if (change.directory) Reroute(change.to, change.path, at);
      if (change.replaced_directory) ::mkdir(change.to.c_str(), change.mode);
      if (!change.stashed.empty()) ::link(change.stashed.c_str(), change.to.c_str());
      break;
    case Kind::kRemove:
      if (change.directory) {
        ::mkdir(change.path.c_str(), change.mode);
      } else {
        ::link(change.stashed.c_str(), change.path.c_str());
      }
      break;
  }
}

}  // namespace tidemark::faults
