#include "backup/stored_backup.h"

#include "backup/sealed_blob.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace tidemark::backup {
namespace {

constexpr int64_t kVersion = 1;
constexpr SealedBlobKind kManifestKind{
    .magic = "TMSTORED", .context = "stored backup", .what = "manifest"};

Unexpected Unreadable(std::string_view name, std::string_view why) {
  return Fail(ErrorKind::kCorruption, "manifest {}: {}", name, why);
}

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::string ToJson(const StoredBackup& stored) {
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginObject().Field("version", kVersion);
  catalog::BackupRecord backup = stored.backup;
  backup.source.pitr.history_key.clear();  // history is not copied
  w.Key("backup").Raw(catalog::EncodeBackupRecord(backup));
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
  return SealBlob(kManifestKind, ToJson(stored), name, keys);
}

Result<StoredBackup> OpenManifest(BytesView manifest, std::string_view name,
                                  crypto::DataKeyProvider& keys) {
  TM_TRY(const std::string json, OpenBlob(kManifestKind, manifest, name, keys));
  return FromJson(json, name);
}

Result<Bytes> WrappedKeyOf(BytesView manifest) { return WrappedKeyOf(kManifestKind, manifest); }

}  // namespace tidemark::backup
