// KEYS := magic(8) version(u16) count(u16) entry* sha256(32)
// entry := generation(16) flags(u8) context_size(u16) context wrapped_size(u16) wrapped
#include "engine/rocks/key_ring.h"

#include <algorithm>

#include "base/files.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::engine {
namespace {

constexpr BytesView kMagic = "TMTBKEYS";
constexpr uint16_t kVersion = 1;
constexpr uint8_t kFlagCurrent = 1;
constexpr size_t kKeysBytesMax = 16 << 20;
constexpr size_t kDigestBytes = sizeof(crypto::Digest256);

BytesView ViewOf(const crypto::Digest256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool TakeBytes(BytesView* in, Bytes* out) {
  uint16_t size = 0;
  BytesView bytes;
  if (!codec::ReadLittle16(in, &size) || !codec::ReadBytes(in, size, &bytes)) return false;
  *out = bytes;
  return true;
}

bool TakeEntry(BytesView* in, WrappedKey* key) {
  BytesView generation;
  uint8_t flags = 0;
  if (!codec::ReadBytes(in, key->generation.size(), &generation) || !codec::ReadU8(in, &flags)) {
    return false;
  }
  std::copy(generation.begin(), generation.end(), reinterpret_cast<char*>(key->generation.data()));
  key->current = (flags & kFlagCurrent) != 0;
  return TakeBytes(in, &key->context) && TakeBytes(in, &key->wrapped);
}

Result<Bytes> EncodeKeys(const std::vector<WrappedKey>& keys) {
  Bytes out(kMagic);
  codec::AppendLittle16(kVersion, &out);
  codec::AppendLittle16(static_cast<uint16_t>(keys.size()), &out);
  for (const WrappedKey& key : keys) {
    if (key.context.size() > UINT16_MAX || key.wrapped.size() > UINT16_MAX) {
      return Fail(ErrorKind::kInternal, "a wrapped key of {} bytes does not fit into KEYS",
                  key.wrapped.size());
    }
    out.append(reinterpret_cast<const char*>(key.generation.data()), key.generation.size());
    codec::AppendU8(key.current ? kFlagCurrent : 0, &out);
    codec::AppendLittle16(static_cast<uint16_t>(key.context.size()), &out);
    out += key.context;
    codec::AppendLittle16(static_cast<uint16_t>(key.wrapped.size()), &out);
    out += key.wrapped;
  }
  out += ViewOf(crypto::Sha256(out));
  return out;
}

}  // namespace

const KeyRing::Entry* KeyRing::Find(const KeyGeneration& generation) const {
  for (const Entry& entry : entries_) {
    if (entry.generation == generation) return &entry;
  }
  return nullptr;
}

Bytes TableKeyContext(TableId table) { return "table " + table.ToString(); }

Result<WrappedKey> MakeTableKey(crypto::DataKeyProvider& provider, Random& random, TableId table) {
  WrappedKey key{.current = true, .context = TableKeyContext(table)};
  random.Fill(key.generation.data(), key.generation.size());
  TM_TRY(crypto::DataKey made, provider.Generate(key.context));
  key.wrapped = std::move(made.wrapped);
  return key;
}

Result<std::vector<WrappedKey>> Rewrap(crypto::DataKeyProvider& provider,
                                       const std::vector<WrappedKey>& keys, TableId table) {
  std::vector<WrappedKey> rewrapped;
  for (const WrappedKey& old : keys) {
    TM_TRY(const crypto::Key256 plain, provider.Unwrap(old.wrapped, old.context));
    WrappedKey key{
        .generation = old.generation, .current = old.current, .context = TableKeyContext(table)};
    TM_TRY(key.wrapped, provider.Wrap(plain, key.context));
    rewrapped.push_back(std::move(key));
  }
  return rewrapped;
}

Result<void> WriteFirstKeys(const std::string& directory, const std::vector<WrappedKey>& keys) {
  TM_TRY(const Bytes encoded, EncodeKeys(keys));
  return WriteFile(directory + "/" + kKeysFile, encoded);
}

Result<void> WriteKeys(const std::string& directory, const std::vector<WrappedKey>& keys) {
  TM_TRY(const Bytes encoded, EncodeKeys(keys));
  return ReplaceFile(directory + "/" + kKeysFile, encoded);
}

Result<std::vector<WrappedKey>> ReadKeys(const std::string& directory) {
  std::string path = directory + "/" + kKeysFile;
  TM_TRY(const uint64_t size, FileSize(path));
  if (size > kKeysBytesMax) {
    return Fail(ErrorKind::kCorruption, "{} has {} bytes, more than it ever may", path, size);
  }
  TM_TRY(const Bytes content, ReadFile(path));
  if (content.size() < kMagic.size() + 4 + kDigestBytes || !content.starts_with(kMagic)) {
    return Fail(ErrorKind::kCorruption, "{} is not a list of table keys", path);
  }
  BytesView body = BytesView(content).substr(0, content.size() - kDigestBytes);
  if (ViewOf(crypto::Sha256(body)) != BytesView(content).substr(body.size())) {
    return Fail(ErrorKind::kCorruption, "{} does not match its checksum", path);
  }
  BytesView in = body.substr(kMagic.size());
  uint16_t version = 0;
  uint16_t count = 0;
  if (!codec::ReadLittle16(&in, &version) || version != kVersion) {
    return Fail(ErrorKind::kCorruption, "{} has format version {}, known is {}", path, version,
                kVersion);
  }
  bool good = codec::ReadLittle16(&in, &count);
  std::vector<WrappedKey> keys;
  for (uint16_t i = 0; good && i < count; ++i) {
    good = TakeEntry(&in, &keys.emplace_back());
  }
  bool any_current = std::ranges::any_of(keys, [](const WrappedKey& key) { return key.current; });
  if (!good || !in.empty() || !any_current) {
    return Fail(ErrorKind::kCorruption, "{} holds a malformed list of keys", path);
  }
  return keys;
}

Result<std::shared_ptr<const KeyRing>> UnwrapKeys(crypto::DataKeyProvider& provider,
                                                  const std::vector<WrappedKey>& keys) {
  std::vector<KeyRing::Entry> entries;
  size_t current = keys.size();
  for (const WrappedKey& key : keys) {
    auto plain = provider.Unwrap(key.wrapped, key.context);
    if (!plain && plain.error().kind == ErrorKind::kNotFound)
      return Fail(Error{ErrorKind::kKeyDisabled, plain.error().message, nullptr});
    TM_TRYV(plain);
    if (key.current && current == keys.size()) current = entries.size();
    entries.push_back({key.generation, *plain});
  }
  if (current == keys.size()) return Fail(ErrorKind::kCorruption, "no current key in the list");
  return std::make_shared<const KeyRing>(std::move(entries), current);
}

}  // namespace tidemark::engine
