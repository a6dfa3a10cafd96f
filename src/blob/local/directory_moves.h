// Directories made, moved and removed in one step each, none of it durable by itself. Every call
// asks the fault hook (base/file_hook.h).
#pragma once
#include <string>

#include "base/result.h"

namespace tidemark::blob {

Result<void> MakeScratchDirectory(const std::string& path);  // kAlreadyExists
// And those above that are missing; those that are there are fine. kNotFound: one was removed
// meanwhile.
Result<void> MakeScratchDirectories(const std::string& path);
// kAlreadyExists: there is something at `to`, which stays. kNotFound: `from`, or what is above
// `to`.
Result<void> MoveDirectory(const std::string& from, const std::string& to);
// Each takes the other's name, at once. kNotFound: one is missing.
Result<void> ExchangeDirectories(const std::string& a, const std::string& b);
// kAlreadyExists: something is in it.
Result<void> RemoveEmptyDirectory(const std::string& path);

}  // namespace tidemark::blob
