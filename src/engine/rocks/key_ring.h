// The data keys of one table directory: which generations its files may name, wrapped in the file
// KEYS and unwrapped in memory. Bytes: docs/formats/table_directory.md.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/data_key.h"

namespace tidemark::engine {

inline constexpr char kKeysFile[] = "KEYS";

using KeyGeneration = std::array<uint8_t, 16>;

struct WrappedKey {
  KeyGeneration generation{};
  bool current = false;  // new files are sealed with the first such one
  Bytes context;         // what it was wrapped for: the table of the directory
  Bytes wrapped;
};

// Immutable, hence free for all threads.
class KeyRing {
 public:
  struct Entry {
    KeyGeneration generation{};
    crypto::Key256 key;
  };
  KeyRing(std::vector<Entry> entries, size_t current)
      : entries_(std::move(entries)), current_(current) {}
  const Entry& current() const { return entries_[current_]; }
  const Entry* Find(const KeyGeneration& generation) const;

 private:
  std::vector<Entry> entries_;
  size_t current_;
};

Bytes TableKeyContext(TableId table);

// A fresh generation of `table`, marked current.
Result<WrappedKey> MakeTableKey(crypto::DataKeyProvider& provider, Random& random, TableId table);

// The same keys, wrapped anew for `table`.
Result<std::vector<WrappedKey>> Rewrap(crypto::DataKeyProvider& provider,
                                       const std::vector<WrappedKey>& keys, TableId table);

// The first keys of a directory that is being made. Not durable.
Result<void> WriteFirstKeys(const std::string& directory, const std::vector<WrappedKey>& keys);
// Over those that are there, if any. Durable on return.
Result<void> WriteKeys(const std::string& directory, const std::vector<WrappedKey>& keys);
// kCorruption: damaged, of an unknown version, or without a current key.
Result<std::vector<WrappedKey>> ReadKeys(const std::string& directory);
// kKeyDisabled when any of the wrapping keys is off: a table is open as a whole or not at all.
Result<std::shared_ptr<const KeyRing>> UnwrapKeys(crypto::DataKeyProvider& provider,
                                                  const std::vector<WrappedKey>& keys);

}  // namespace tidemark::engine
