// Directories built aside and shown complete, and the syncs that make names durable.
#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::engine {

// Names of directories being built or taken away end so; after a crash they are garbage.
inline constexpr char kMakingSuffix[] = ".making";
inline constexpr char kRemovingSuffix[] = ".removing";

// The path a file will have once the directory it lies in is complete; for messages.
std::string FinalName(std::string path);

bool Exists(const std::string& path);
Result<void> SyncDirectory(const std::string& directory);
std::string ParentOf(const std::string& path);

// An empty directory DIRECTORY.making; what a crashed attempt left there is removed first.
// kAlreadyExists: DIRECTORY itself is there.
Result<std::string> MakeAside(const std::string& directory);
// Syncs `from`, renames it to `to` and syncs the parent. Durable on return.
Result<void> Publish(const std::string& from, const std::string& to);
// Takes the name away first, durably, then the files. kNotFound.
Result<void> RemoveDirectory(const std::string& directory);
// Whatever is there, if anything.
Result<void> RemoveTree(const std::string& path);

Result<void> LinkInto(const std::string& from_directory, const std::string& name,
                      const std::string& to_directory);
Result<std::vector<std::string>> ListFiles(const std::string& directory);
Result<uint64_t> PhysicalSize(const std::string& path);

// Writes a whole file by temporary name, sync, rename, sync of the directory.
Result<void> ReplaceFile(const std::string& directory, const std::string& name, BytesView content);
Result<Bytes> ReadWholeFile(const std::string& path, size_t bytes_max);

}  // namespace tidemark::engine
