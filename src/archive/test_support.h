// What the archive's tests share: keys, a directory, changes in a log.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "base/assert.h"
#include "log/mem/mem_log.h"
#include "shard/change.h"

namespace tidemark::archive {

// Wraps a key by its bytes and its context in clear: enough to notice a wrong context.
class TestKeys : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    const auto key = crypto::Key256::Make(TheSystemRandom());
    return crypto::DataKey{key, *Wrap(key, context)};
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (off && *off == context) return Fail(off_kind, "the test key is off");
    if (wrapped.size() < 40 || wrapped.substr(40) != context || wrapped.substr(0, 8) != "testkey:")
      return Fail(ErrorKind::kCorruption, "not a key wrapped for {}", context);
    return crypto::Key256::FromBytes(wrapped.substr(8, 32));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return "testkey:" + Bytes(key.view()) + Bytes(context);
  }

  std::optional<Bytes> off;                      // keys for this context cannot be unwrapped ...
  ErrorKind off_kind = ErrorKind::kKeyDisabled;  // ... for that reason
};

class ArchiveDirectory {
 public:
  ArchiveDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "tidemark_archive_XXXXXX").string();
    TM_ASSERT(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~ArchiveDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      names.push_back(entry.path().filename().string());
    return names;
  }

  std::string path;
};

// Without syncing: tests write thousands of damaged files.
inline void Overwrite(const std::string& path, BytesView content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

// A row's state as a value, to compare.
struct Kept {
  Bytes key;
  Timestamp time{};
  std::optional<Bytes> value;
  Bytes access_key;
  bool operator==(const Kept&) const = default;
};
inline std::ostream& operator<<(std::ostream& out, const Kept& kept) {
  return out << kept.key << "@" << ToMicros(kept.time) << "="
             << (kept.value ? kept.value->substr(0, 20) : "-") << " by " << kept.access_key;
}

inline std::vector<Kept> ReadAll(VersionStream& stream) {
  std::vector<Kept> all;
  while (true) {
    auto version = stream.Next();
    EXPECT_TRUE(version.has_value()) << version.error().message;
    if (!version || !*version) return all;
    const RowVersion& row = **version;
    all.push_back({Bytes(row.key), row.time,
                   row.value ? std::optional<Bytes>(*row.value) : std::nullopt,
                   Bytes(row.access_key)});
  }
}

}  // namespace tidemark::archive
