#include "backup/stored_backup.h"

#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "codec/varint.h"
#include "crypto/aead.h"

namespace tidemark::backup {
namespace {

constexpr BytesView kMagic = "TMSTORED";
constexpr uint16_t kVersion = 1;
constexpr crypto::Nonce kNonce{};  // each manifest has a key of its own

Unexpected Unreadable(std::string_view name, std::string_view why) {
  return Fail(ErrorKind::kCorruption, "manifest {}: {}", name, why);
}

std::string KeyContext(std::string_view name) { return fmt::format("stored backup {}", name); }

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::string ToJson(const StoredBackup& stored) {
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginObject().Field("version", int64_t{kVersion});
  w.Key("backup").Raw(catalog::EncodeBackupRecord(stored.backup));
  w.Field("copied", ToMicros(stored.copied)).Key("files").BeginArray();
  for (const StoredFile& file : stored.files) {
    w.BeginObject().Field("name", file.name).Field("bytes", static_cast<int64_t>(file.bytes));
    w.Field("sha256", blob::HexOf(file.sha256)).EndObject();
  }
  w.EndArray().EndObject();
  return json;
}

Result<StoredFile> FileFromJson(codec::JsonValue json, std::string_view manifest) {
  std::string_view name, sha256;
  uint64_t bytes = 0;
  if (json["name"].get(name) != simdjson::SUCCESS ||
      json["sha256"].get(sha256) != simdjson::SUCCESS ||
      json["bytes"].get(bytes) != simdjson::SUCCESS || !IsPlainFileName(name)) {
    return Unreadable(manifest, "a file in it does not read");
  }
  const auto digest = blob::DigestFromHex(sha256);
  if (!digest) return Unreadable(manifest, digest.error().message);
  return StoredFile{.name = std::string(name), .bytes = bytes, .sha256 = *digest};
}

Result<StoredBackup> FromJson(std::string_view text, std::string_view name) {
  codec::JsonParser parser;
  TM_TRY(const codec::JsonValue json, parser.Parse(text));
  int64_t version = 0, copied = 0;
  codec::JsonValue backup;
  codec::JsonArray files;
  if (json["version"].get(version) != simdjson::SUCCESS || version != kVersion ||
      json["copied"].get(copied) != simdjson::SUCCESS ||
      json["backup"].get(backup) != simdjson::SUCCESS ||
      json["files"].get(files) != simdjson::SUCCESS) {
    return Unreadable(name, "its members do not read");
  }
  StoredBackup stored{.copied = FromMicros(copied)};
  TM_TRY(stored.backup, catalog::DecodeBackupRecord(std::string(simdjson::minify(backup))));
  for (const auto entry : files) {
    TM_TRY(StoredFile file, FileFromJson(entry, name));
    stored.files.push_back(std::move(file));
  }
  return stored;
}

BytesView View(const std::string& text) { return text; }

struct ManifestParts {
  BytesView wrapped, sealed;
};
Result<ManifestParts> Split(BytesView manifest, std::string_view name) {
  BytesView rest = manifest, magic, wrapped;
  uint16_t version = 0, wrapped_size = 0;
  if (!codec::ReadBytes(&rest, kMagic.size(), &magic) || magic != kMagic) {
    return Unreadable(name, "it is none");
  }
  if (!codec::ReadLittle16(&rest, &version) || version != kVersion) {
    return Unreadable(name, fmt::format("version {} is not known here", version));
  }
  if (!codec::ReadLittle16(&rest, &wrapped_size) ||
      !codec::ReadBytes(&rest, wrapped_size, &wrapped) || rest.size() < crypto::kTagBytes) {
    return Unreadable(name, "it was cut");
  }
  return ManifestParts{.wrapped = wrapped, .sealed = rest};
}

}  // namespace

uint64_t StoredBackup::Bytes() const {
  uint64_t sum = 0;
  for (const StoredFile& file : files) sum += file.bytes;
  return sum;
}

std::string ManifestPrefix(const AccountId& account) {
  return fmt::format("{}{}/", kManifests, account.value);
}

std::string ManifestName(const catalog::BackupRecord& backup) {
  return fmt::format("{}{}/{}", ManifestPrefix(backup.source.account), backup.source.id.ToString(),
                     backup.id.value);
}

std::string FileBlobName(const crypto::Digest256& sha256) {
  const std::string hex = blob::HexOf(sha256);
  return fmt::format("files/{}/{}", hex.substr(0, 2), hex);
}

Result<Bytes> SealManifest(const StoredBackup& stored, std::string_view name,
                           crypto::DataKeyProvider& keys) {
  TM_TRY(const crypto::DataKey key, keys.Generate(KeyContext(name)));
  const std::string json = ToJson(stored);
  tidemark::Bytes manifest(kMagic);
  codec::AppendLittle16(kVersion, &manifest);
  codec::AppendLittle16(static_cast<uint16_t>(key.wrapped.size()), &manifest);
  manifest += key.wrapped;
  const tidemark::Bytes authenticated = manifest + tidemark::Bytes(name);
  const size_t head = manifest.size();
  manifest.resize(head + json.size() + crypto::kTagBytes);
  crypto::Aead(key.key).Seal(kNonce, View(authenticated), json, manifest.data() + head);
  return manifest;
}

Result<Bytes> WrappedKeyOf(BytesView manifest) {
  TM_TRY(const ManifestParts parts, Split(manifest, ""));
  return Bytes(parts.wrapped);
}

Result<StoredBackup> OpenManifest(BytesView manifest, std::string_view name,
                                  crypto::DataKeyProvider& keys) {
  TM_TRY(const auto parts, Split(manifest, name));
  const auto [wrapped, rest] = parts;
  const auto key = keys.Unwrap(wrapped, KeyContext(name));
  if (!key) return Unreadable(name, key.error().message);
  tidemark::Bytes authenticated(manifest.substr(0, manifest.size() - rest.size()));
  authenticated += name;
  std::string json(rest.size() - crypto::kTagBytes, '\0');
  if (!crypto::Aead(*key).Open(kNonce, View(authenticated), rest, json.data())) {
    return Unreadable(name, "it was changed");
  }
  return FromJson(json, name);
}

}  // namespace tidemark::backup
