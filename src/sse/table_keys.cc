#include "sse/table_keys.h"

#include <set>

#include "archive/archive.h"
#include "base/log.h"
#include "kms/fault.h"
#include "pitr/images.h"
#include "shard/shard.h"

namespace tidemark::sse {
namespace {

constexpr std::string_view kKeyPart = ":key/";

// What an error of KMS is to a client of DynamoDB, in the form in which the service passes it on.
Error ToClient(const Error& error) {
  const auto* fault = kms::FaultOf(error);
  if (!fault) return error;
  const auto passed = [&](ErrorKind kind, std::string_view what, std::string_view name) {
    return MakeError(kind,
                     "{}: com.amazonaws.services.kms.model.{}: {} (Service: AWSKMS; Status Code: "
                     "400; Error Code: {})",
                     what, name, error.message, name);
  };
  switch (fault->fault) {
    case kms::Fault::kDisabled:
      return passed(ErrorKind::kKeyDisabled, "KMS key access denied error", "DisabledException");
    case kms::Fault::kInvalidState:
      return passed(ErrorKind::kKeyDisabled, "KMS key access denied error",
                    "KMSInvalidStateException");
    case kms::Fault::kInvalidArn:
      return passed(ErrorKind::kValidation, "KMS validation error", "InvalidArnException");
    default:
      return passed(ErrorKind::kValidation, "KMS validation error", "NotFoundException");
  }
}

}  // namespace

TableKeys::TableKeys(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
                     pitr::Recovery& recovery, kms::KeyStore& store, crypto::DataKeyProvider& keys,
                     const Clock& clock)
    : catalog_(catalog),
      shards_(shards),
      engine_(engine),
      recovery_(recovery),
      store_(store),
      keys_(keys),
      clock_(clock) {}

std::optional<kms::KeyId> TableKeys::KeyOf(const catalog::SseSettings& settings) {
  const size_t at = settings.key_arn.find(kKeyPart);
  if (!settings.enabled || at == std::string::npos) return std::nullopt;
  const auto id =
      kms::KeyId::Parse(std::string_view(settings.key_arn).substr(at + kKeyPart.size()));
  return id ? std::optional(*id) : std::nullopt;
}

Result<void> TableKeys::Resolve(const AccountId& account, const Region& region,
                                catalog::SseSettings* settings) {
  const kms::KeyScope scope{store_, account, region, clock_.Now()};
  const bool of_service = settings->key_arn.ends_with(std::string(":").append(kms::kServiceAlias));
  if (of_service) TM_TRYV(kms::EnsureServiceKey(scope));
  const auto key = kms::ResolveKey(scope, settings->key_arn);
  if (!key) return Fail(ToClient(key.error()));
  if (auto usable = kms::CheckUsable(**key); !usable) return Fail(ToClient(usable.error()));
  settings->key_arn = (*key)->Arn();
  return {};
}

Result<void> TableKeys::CheckUsable(const catalog::SseSettings& settings) const {
  const auto id = KeyOf(settings);
  const auto key = id ? store_.Find(*id) : nullptr;
  if (!key) return {};
  if (key->state == kms::KeyState::kDeleted) {
    return Fail(ToClient(kms::MakeFault(
        kms::Fault::kInvalidState, fmt::format("{} does not exist any more.", settings.key_arn))));
  }
  if (auto usable = kms::CheckUsable(*key); !usable) return Fail(ToClient(usable.error()));
  return {};
}

kms::KeyWatcher TableKeys::Watcher() {
  return {.closing = [this](const kms::KeyRecord& key) { Close(key); },
          .changed = [this](const kms::KeyRecord& key) { Follow(key); }};
}

std::vector<catalog::TablePtr> TableKeys::TablesOf(const kms::KeyId& key) const {
  std::vector<catalog::TablePtr> tables;
  for (auto& table : catalog_.AllTables()) {
    if (KeyOf(table->sse) == key) tables.push_back(std::move(table));
  }
  return tables;
}

void TableKeys::Mark(const catalog::TableRecord& table, bool inaccessible) {
  auto* shard = shards_.Find(table.region);
  if (shard && !inaccessible) shard->TryAgain(table.id);
  const Timestamp now = clock_.Now();
  const std::string key = table.sse.key_arn;
  auto edited = catalog_.EditTable(table.id, [&](catalog::TableRecord& record) -> Result<void> {
    if (record.sse.key_arn != key) return {};  // it is under another one by now
    if (!inaccessible) record.sse.inaccessible = {};
    if (inaccessible && record.sse.inaccessible == Timestamp{}) record.sse.inaccessible = now;
    return {};
  });
  if (!edited && edited.error().kind != ErrorKind::kResourceNotFound) {
    LogError("table {}: that its key can{} be used is not recorded: {}", table.name,
             inaccessible ? "not" : "", edited.error().message);
  }
  if (shard && inaccessible) shard->CloseSoon(table.id);
}

// History that is still in the log can be sealed only while the key can be used: else the log would
// have to keep it for as long as the key is off.
void TableKeys::Close(const kms::KeyRecord& key) {
  std::set<Region> regions;
  for (const auto& table : TablesOf(key.id)) {
    Mark(*table, true);
    auto* shard = shards_.Find(table->region);
    if (!shard || !table->pitr.enabled) continue;
    // In log order behind all writes that were let through.
    auto logged = shard->LogControl(table->id, R"({"act":"key closed"})");
    if (logged) regions.insert(table->region);
  }
  for (const Region& region : regions) {
    const auto archive = recovery_.ArchiveOf(region);
    auto drained = archive ? (*archive)->Drain() : Fail(archive.error());
    if (!drained) {
      LogWarn("history of tables under {} stays in the log while the key is off: {}", key.Arn(),
              drained.error().message);
    }
  }
}

void TableKeys::Follow(const kms::KeyRecord& key) {
  for (const auto& table : TablesOf(key.id)) Mark(*table, key.state != kms::KeyState::kEnabled);
}

Result<void> TableKeys::Move(TableId id) {
  // An image that is pinned meanwhile would link KEYS as they were.
  const auto hold = recovery_.HoldImages();
  const auto table = catalog_.FindTable(id);
  if (!table || !table->sse.moving) return {};
  auto* shard = shards_.Find(table->region);
  if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table->region.value);
  TM_TRYV(engine_.RewrapKeys(shard->TablesDirectory() + "/" + id.ToString(), id));
  for (const auto& image : catalog_.Images(id)) {
    auto done = engine_.RewrapKeys(pitr::ImagePath(*shard, *image), id);
    // It may have been dropped meanwhile.
    if (!done && done.error().kind != ErrorKind::kNotFound) return done;
  }
  TM_TRYV(RewrapHistory(*table));
  TM_TRYV(catalog_.EditTable(id, [&](catalog::TableRecord& record) -> Result<void> {
    if (record.sse.key_arn == table->sse.key_arn) record.sse.moving = false;
    return {};
  }));
  return {};
}

Result<void> TableKeys::RewrapHistory(const catalog::TableRecord& table) {
  if (table.pitr.history_key.empty()) return {};
  const Bytes context = archive::HistoryKeyContext(table.id);
  TM_TRY(const auto plain, keys_.Unwrap(table.pitr.history_key, context));
  TM_TRY(const Bytes wrapped, keys_.Wrap(plain, context));
  TM_TRYV(catalog_.EditTable(table.id, [&](catalog::TableRecord& record) -> Result<void> {
    if (record.pitr.history_key == table.pitr.history_key) record.pitr.history_key = wrapped;
    return {};
  }));
  return {};
}

void TableKeys::Resume() {
  for (const auto& table : catalog_.AllTables()) {
    const auto id = KeyOf(table->sse);
    const auto key = id ? store_.Find(*id) : nullptr;
    if (key) Mark(*table, key->state != kms::KeyState::kEnabled);
  }
  Maintain();
}

void TableKeys::Maintain() {
  for (const auto& table : catalog_.AllTables()) {
    if (!table->sse.moving || !catalog::CheckAccessible(*table)) continue;
    auto moved = Move(table->id);
    if (moved) {
      told_.erase(table->id);
    } else if (std::exchange(told_[table->id], moved.error().message) != moved.error().message) {
      LogWarn("the data keys of table {} are still to be wrapped by {}: {}", table->name,
              table->sse.enabled ? table->sse.key_arn : "the root key", moved.error().message);
    }
  }
}

}  // namespace tidemark::sse
