#include "engine/rocks/joined_keys.h"

#include <algorithm>

#include "engine/rocks/key_ring.h"

namespace tidemark::engine {

Result<void> JoinKeys(const KeysPair& keys, const std::string& directory) {
  TM_TRY(auto joined, ReadKeys(keys.newer));
  TM_TRY(auto older, ReadKeys(keys.older));
  for (WrappedKey& key : older) {
    if (std::ranges::find(joined, key.generation, &WrappedKey::generation) != joined.end())
      continue;
    key.current = false;
    joined.push_back(std::move(key));
  }
  return WriteKeys(directory, joined);
}

}  // namespace tidemark::engine
