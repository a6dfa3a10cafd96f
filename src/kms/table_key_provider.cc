#include "kms/table_key_provider.h"

#include "kms/key_use.h"

namespace tidemark::kms {
namespace {

constexpr char kByCustomersKey = 2;
constexpr size_t kUuidChars = 36;

EncryptionContext ContextOf(BytesView context) { return {{"tidemark", std::string(context)}}; }

// Contexts of data keys that belong to one table end with its id.
std::optional<TableId> TableOf(BytesView context) {
  if (context.size() <= kUuidChars) return std::nullopt;
  const auto id = TableId::Parse(context.substr(context.size() - kUuidChars));
  return id ? std::optional(*id) : std::nullopt;
}

Unexpected Gone(const KeyId& id) {
  return Fail(ErrorKind::kNotFound,
              "key {} is deleted, and with it what it protected is out of reach for good",
              id.ToString());
}

}  // namespace

void TableKeyProvider::Attach(const KeyStore& store, KeyOf key_of) {
  store_ = &store;
  key_of_ = std::move(key_of);
}

Result<crypto::DataKey> TableKeyProvider::Generate(BytesView context) {
  crypto::DataKey made{.key = crypto::Key256::Make(TheSystemRandom())};
  TM_TRY(made.wrapped, Wrap(made.key, context));
  return made;
}

Result<Bytes> TableKeyProvider::Wrap(const crypto::Key256& key, BytesView context) {
  const auto table = store_ ? TableOf(context) : std::nullopt;
  const auto id = table ? key_of_(*table) : std::nullopt;
  if (!id) return root_.Wrap(key, context);
  const KeyPtr under = store_->Find(*id);
  if (!under || under->state == KeyState::kDeleted) return Gone(*id);
  TM_TRY(const Bytes sealed, Encrypt(*store_, *under, ContextOf(context), key.view()));
  return Bytes(1, kByCustomersKey) + sealed;
}

Result<crypto::Key256> TableKeyProvider::Unwrap(BytesView wrapped, BytesView context) {
  if (!wrapped.starts_with(kByCustomersKey)) return root_.Unwrap(wrapped, context);
  wrapped.remove_prefix(1);
  const auto under = ReadSealedUnder(wrapped);
  if (!under || !store_)
    return Fail(ErrorKind::kCorruption, "a data key wrapped by a customer's key is damaged");
  const KeyPtr key = store_->Find(under->key);
  if (!key || key->state == KeyState::kDeleted) return Gone(under->key);
  auto opened = Decrypt(*store_, *key, ContextOf(context), wrapped);
  if (!opened && opened.error().kind == ErrorKind::kKeyDisabled) return Fail(opened.error());
  if (!opened || opened->plain.size() != crypto::Key256().view().size()) {
    return Fail(ErrorKind::kCorruption,
                "a data key wrapped by {} is damaged, or was wrapped for another context",
                key->Arn());
  }
  auto data_key = crypto::Key256::FromBytes(opened->plain);
  crypto::Wipe(opened->plain.data(), opened->plain.size());
  return data_key;
}

}  // namespace tidemark::kms
