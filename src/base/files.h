// The file system for everything but the commit log and the tables' databases, which have doors of
// their own: small files that are old or new after a crash, names, directories. Every call asks the
// fault hook (file_hook.h), so that tests see and fail it.
//
// A name (made, moved, removed) is durable only once its directory is synced; each function says
// whether it does that. Thread-safe as far as the file system is. Errors, unless said otherwise:
// kNotFound, kAlreadyExists, kNoSpace, kIo.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark {

// Makes names in `directory` (creations, renames, removals) durable.
Result<void> SyncDirectory(const std::string& directory);

// Makes what was written into the file durable, its name not.
Result<void> SyncFile(const std::string& path);

// Begins to write a file's content to the disk, and does not wait: of several files that are synced
// one after the other the first sync then takes the others' blocks along. A hint: it cannot fail.
void BeginWriteback(const std::string& path);

// A file of this content, new or emptied before. Not durable.
Result<void> WriteFile(const std::string& path, BytesView content, int mode = 0600);

// Writes `content` aside, syncs it, renames it over `path` and syncs the directory. Durable on
// return.
Result<void> ReplaceFile(const std::string& path, BytesView content, int mode = 0600);

Result<Bytes> ReadFile(const std::string& path);

// A file, or a directory whole; replaces a file or an empty directory at `to`. Not durable.
Result<void> Rename(const std::string& from, const std::string& to);
// The same, and both parents are synced. After an error it may have happened.
Result<void> RenameDurably(const std::string& from, const std::string& to);

// Gives `path` the further name `to`. Not durable.
Result<void> Link(const std::string& path, const std::string& to);

// What is not there counts as removed. Not durable: a crash may bring names back.
Result<void> RemoveFile(const std::string& path);
// A directory with everything in it, or a file; stops at the first error.
Result<void> RemoveTree(const std::string& path);

// Makes `path` and what its parents lack; durable on return, also if `path` was there. What was
// there above it is taken to be durable.
Result<void> MakeDirectories(const std::string& path);

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;  // symbolic links are not followed
};
// In order of name, without "." and "..".
Result<std::vector<DirectoryEntry>> DirectoryEntries(const std::string& directory);
Result<std::vector<std::string>> ListDirectory(const std::string& directory);  // names alone

Result<uint64_t> FileSize(const std::string& path);  // bytes
bool Exists(const std::string& path);  // anything of that name; false as well if nobody can say

std::string ParentDirectory(const std::string& path);  // "." for a bare name

}  // namespace tidemark
