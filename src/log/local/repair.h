// Giving up what cannot be read any more.
#pragma once
#include <cstddef>
#include <filesystem>

#include "base/result.h"
#include "crypto/data_key.h"

namespace tidemark::log {

// Records durably that an operator accepts the loss of every range that is damaged now; from then
// on openings give these with `accepted`. Nothing is removed: a copy put back later is read again.
// Returns how many ranges had not been accepted before. No server may have the log open.
// Errors: kNotFound when there is no log; else as opening it.
Result<size_t> AcceptDamage(const std::filesystem::path& directory, crypto::DataKeyProvider& keys);

}  // namespace tidemark::log
