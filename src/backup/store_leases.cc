#include "backup/store_leases.h"

#include "blob/transfer.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace tidemark::backup {
namespace {

constexpr int64_t kLeaseVersion = 1;
constexpr uint64_t kLeaseBytesMax = 64 << 20;

Result<StoreLease> DecodeLease(const std::string& name, const Bytes& text) {
  codec::JsonParser parser;
  const auto json = parser.Parse(text);
  int64_t version = 0, until = 0;
  codec::JsonArray files;
  const auto unreadable = [&] {
    return Fail(ErrorKind::kCorruption, "{} does not read; remove it when no copy runs", name);
  };
  if (!json || (*json)["version"].get(version) != simdjson::SUCCESS || version != kLeaseVersion ||
      (*json)["until"].get(until) != simdjson::SUCCESS ||
      (*json)["files"].get(files) != simdjson::SUCCESS) {
    return unreadable();
  }
  StoreLease lease{.name = name, .until = FromMicros(until), .files = {}};
  for (const auto file : files) {
    std::string_view hex;
    if (file.get(hex) != simdjson::SUCCESS) return unreadable();
    const auto digest = blob::DigestFromHex(hex);
    if (!digest) return unreadable();
    lease.files.insert(FileBlobName(*digest));
  }
  return lease;
}

}  // namespace

std::string NewLeaseName(std::string_view prefix) {
  return std::string(prefix) + blob::NewWriter();
}

Result<void> PutLease(blob::BlobStore& store, const StoreLease& lease) {
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginObject().Field("version", kLeaseVersion).Field("until", ToMicros(lease.until));
  w.Key("files").BeginArray();
  for (const std::string& file : lease.files) w.String(file.substr(file.rfind('/') + 1));
  w.EndArray().EndObject();
  TM_TRYV(store.Put(lease.name, blob::MemorySource(json), {}));
  return {};
}

Result<std::vector<StoreLease>> ReadLeases(blob::BlobStore& store, std::string_view prefix) {
  std::vector<StoreLease> leases;
  TM_TRY(const auto listed, blob::ListAll(store, prefix));
  for (const blob::ListedBlob& one : listed) {
    const auto text = blob::GetSmall(store, one.name, kLeaseBytesMax);
    if (!text && text.error().kind == ErrorKind::kNotFound) continue;  // it has just ended
    if (!text) return Fail(text.error());
    TM_TRY(StoreLease lease, DecodeLease(one.name, *text));
    leases.push_back(std::move(lease));
  }
  return leases;
}

std::set<std::string> BlobsOf(const StoredBackup& stored) {
  std::set<std::string> blobs;
  for (const StoredFile& file : stored.files) blobs.insert(FileBlobName(file.sha256));
  return blobs;
}

}  // namespace tidemark::backup
