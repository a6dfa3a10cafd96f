// The keys of an image that is put together of files of two.
#pragma once
#include <string>

#include "base/result.h"

namespace tidemark::engine {

struct KeysPair {
  std::string older, newer;  // directories with a KEYS each
};

// Writes `directory`/KEYS, which opens what is sealed under either; new files are sealed as those
// of the newer one. Nothing is unwrapped: each data key stays wrapped as it was, so both are to be
// under the same key of KMS. Durable on return. kNotFound, kCorruption: of the two.
Result<void> JoinKeys(const KeysPair& keys, const std::string& directory);

}  // namespace tidemark::engine
