#include "backup/stored_keys.h"

#include "backup/sealed_blob.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/transfer.h"

namespace tidemark::backup {
namespace {

constexpr std::string_view kStoredKeys = "keys/";
constexpr uint64_t kStoredKeyBytesMax = 16 << 20;
constexpr SealedBlobKind kKeyKind{.magic = "TMCUSKEY", .context = "stored key", .what = "key"};

std::string NameOf(const kms::KeyId& id) { return std::string(kStoredKeys) + id.ToString(); }

}  // namespace

// Deleted ones are not wanted.
std::map<kms::KeyId, std::string> StoredKeys::Wanted() const {
  std::map<kms::KeyId, std::string> wanted;
  for (const auto& key : keys_.AllKeys()) {
    if (key->state == kms::KeyState::kDeleted) continue;
    wanted.emplace(key->id, kms::EncodeWholeKey(keys_.Whole(*key)));
  }
  return wanted;
}

bool StoredKeys::Behind() const {
  {
    std::lock_guard lock(mutex_);
    if (!looked_) return !keys_.AllKeys().empty();
  }
  const auto wanted = Wanted();
  std::lock_guard lock(mutex_);
  return wanted != stored_;
}

// Of the keys in the store those that this server knows: others belong to others.
Result<void> StoredKeys::Look(blob::BlobStore& store) {
  {
    std::lock_guard lock(mutex_);
    if (looked_) return {};
  }
  TM_TRY(const auto listed, blob::ListAll(store, kStoredKeys));
  std::lock_guard lock(mutex_);
  for (const blob::ListedBlob& one : listed) {
    const auto id = kms::KeyId::Parse(std::string_view(one.name).substr(kStoredKeys.size()));
    if (id && keys_.Find(*id)) stored_.emplace(*id, "");
  }
  looked_ = true;
  return {};
}

Result<void> StoredKeys::Follow(CopyProgress& progress) {
  blob::StoppableStore store(store_, progress.stop);
  TM_TRYV(Look(store));
  const auto wanted = Wanted();
  std::map<kms::KeyId, std::string> stored;
  {
    std::lock_guard lock(mutex_);
    stored = stored_;
  }
  for (const auto& [id, text] : stored) {
    if (wanted.contains(id)) continue;
    TM_TRYV(store.Delete(NameOf(id)));
    std::lock_guard lock(mutex_);
    stored_.erase(id);
  }
  for (const auto& [id, text] : wanted) {
    const auto at = stored.find(id);
    if (at != stored.end() && at->second == text) continue;
    TM_TRY(const Bytes sealed, SealBlob(kKeyKind, text, NameOf(id), root_keys_));
    TM_TRYV(store.Put(NameOf(id), blob::MemorySource(sealed), {}));
    std::lock_guard lock(mutex_);
    stored_[id] = text;
  }
  return {};
}

Result<std::vector<std::string>> StoredKeys::Bring() {
  std::vector<std::string> faults;
  TM_TRY(const auto listed, blob::ListAll(store_, kStoredKeys));
  for (const blob::ListedBlob& one : listed) {
    const auto sealed = blob::GetSmall(store_, one.name, kStoredKeyBytesMax);
    const ErrorKind kind = sealed ? ErrorKind::kInternal : sealed.error().kind;
    if (!sealed && kind != ErrorKind::kCorruption && kind != ErrorKind::kNotFound)
      return Fail(sealed.error());
    const auto text = sealed ? OpenBlob(kKeyKind, *sealed, one.name, root_keys_)
                             : Result<std::string>(Fail(sealed.error()));
    auto whole = text ? kms::DecodeWholeKey(*text) : Result<kms::WholeKey>(Fail(text.error()));
    if (!whole) {
      faults.push_back(whole.error().message);
      continue;
    }
    TM_TRYV(keys_.Import(std::move(*whole)));
  }
  return faults;
}

}  // namespace tidemark::backup
