// Directories built aside and shown complete.
#pragma once
#include <string>

#include "base/result.h"

namespace tidemark::engine {

// Names of directories being built end so; after a crash they are garbage.
inline constexpr char kMakingSuffix[] = ".making";

// The path a file will have once the directory it lies in is complete; for messages.
std::string FinalName(std::string path);

// An empty directory DIRECTORY.making; what a crashed attempt left there is removed first.
// kAlreadyExists: DIRECTORY itself is there.
Result<std::string> MakeAside(const std::string& directory);
// Syncs `from`, renames it to `to` and syncs the parent. Durable on return.
Result<void> Publish(const std::string& from, const std::string& to);

}  // namespace tidemark::engine
