#include "backup/store_verdicts.h"

#include <algorithm>

#include "backup/sealed_blob.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/transfer.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace tidemark::backup {
namespace {

constexpr uint64_t kVerdictBytesMax = 64 << 10;
constexpr size_t kFaultBytesMax = 4096;
constexpr SealedBlobKind kVerdictKind{
    .magic = "TMVERDCT", .context = "stored verdict", .what = "verdict"};

// Whether it says something about the backup: else the store was away, or the act was stopped.
bool IsVerdict(const Error& error) {
  return error.kind == ErrorKind::kCorruption || error.kind == ErrorKind::kNotFound;
}

std::optional<Verdict> DecodeVerdict(const std::string& text) {
  codec::JsonParser parser;
  const auto json = parser.Parse(text);
  int64_t at = 0;
  std::string_view fault;
  if (!json || (*json)["at"].get(at) != simdjson::SUCCESS ||
      (*json)["fault"].get(fault) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return Verdict{.at = FromMicros(at), .fault = std::string(fault)};
}

}  // namespace

std::string VerdictName(std::string_view manifest) {
  if (!manifest.starts_with(kManifests)) return "";
  return std::string(kVerdicts).append(manifest.substr(kManifests.size()));
}

Result<void> StoreVerdicts::Note(std::string_view manifest, const Verdict& verdict) {
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginObject().Field("version", int64_t{1}).Field("at", ToMicros(verdict.at));
  w.Field("fault", verdict.fault.substr(0, kFaultBytesMax)).EndObject();
  const std::string name = VerdictName(manifest);
  TM_TRY(const Bytes sealed, SealBlob(kVerdictKind, json, name, keys_));
  TM_TRYV(store_.Put(name, blob::MemorySource(sealed), {}));
  return {};
}

Result<StoredBackup> StoreVerdicts::Verify(const std::string& manifest, CopyProgress& progress) {
  auto verified = copies_.Verify(manifest, progress);
  if (!verified && !IsVerdict(verified.error())) return verified;
  if (!verified && !store_.Head(manifest)) return verified;  // there is no such backup
  TM_TRYV(Note(manifest,
               {.at = clock_.Now(), .fault = verified ? std::string() : verified.error().message}));
  return verified;
}

Result<std::optional<Verdict>> StoreVerdicts::Find(std::string_view manifest) {
  const std::string name = VerdictName(manifest);
  const auto sealed = blob::GetSmall(store_, name, kVerdictBytesMax);
  if (!sealed && !IsVerdict(sealed.error())) return Fail(sealed.error());
  if (!sealed) return std::nullopt;
  const auto text = OpenBlob(kVerdictKind, *sealed, name, keys_);
  if (!text) return std::nullopt;
  return DecodeVerdict(*text);
}

Result<std::string> StoreVerdicts::FindDamaged(const catalog::BackupRecord& backup,
                                               const CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  const std::string name = ManifestName(backup);
  const auto stored = copies_.Read(name);
  if (!stored && !IsVerdict(stored.error())) return Fail(stored.error());
  if (!stored) return "";
  const auto files = BlobsOf(*stored);
  TM_TRY(const auto manifests, blob::ListAll(store, name.substr(0, name.rfind('/') + 1)));
  for (const blob::ListedBlob& listed : manifests) {
    if (progress.stop) return Fail(ErrorKind::kCancelled, "the server is stopping");
    TM_TRY(const auto verdict, Find(listed.name));
    if (!verdict || verdict->fault.empty()) continue;
    const auto other = copies_.Read(listed.name);
    if (!other && !IsVerdict(other.error())) return Fail(other.error());
    if (other && std::ranges::any_of(BlobsOf(*other), [&](const std::string& file) {
          return files.contains(file);
        })) {
      return listed.name;
    }
  }
  return "";
}

Result<std::vector<Error>> StoreVerdicts::VerifyShare(CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  TM_TRY(const auto manifests, blob::ListAll(store, kManifests));
  std::vector<std::pair<Timestamp, std::string>> due;
  for (const blob::ListedBlob& listed : manifests) {
    if (const auto bytes = blob::GetSmall(store, listed.name, kManifestBytesMax)) {
      // One of another root key is for others to verify.
      if (!OpenManifest(*bytes, listed.name, keys_)) continue;
    } else if (!IsVerdict(bytes.error())) {
      return Fail(bytes.error());
    }
    TM_TRY(const auto verdict, Find(listed.name));
    const Timestamp last = verdict ? verdict->at : Timestamp{};
    if (clock_.Now() - last >= kVerifyPeriod) due.emplace_back(last, listed.name);
  }
  std::ranges::sort(due);
  const size_t share = 1 + manifests.size() / static_cast<size_t>(kVerifyPeriod / kVerifyInterval);
  due.resize(std::min(due.size(), share));
  std::vector<Error> faults;
  for (const auto& [last, manifest] : due) {
    const auto verified = Verify(manifest, progress);
    if (!verified && !IsVerdict(verified.error())) return Fail(verified.error());
    if (!verified) faults.push_back(verified.error());
  }
  return faults;
}

}  // namespace tidemark::backup
