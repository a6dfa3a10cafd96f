#include "vault/vault_store.h"

namespace tidemark::vault {

namespace {

// The system table that holds all records; an id that no random table gets.
TableId VaultsTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000004"); }

catalog::RowEdit EditOf(const Change& change) {
  if (const auto* erase = std::get_if<Erase>(&change)) return {erase->path, std::nullopt};
  return std::visit(
      [](const auto& record) -> catalog::RowEdit {
        if constexpr (std::is_same_v<std::decay_t<decltype(record)>, Erase>) {
          return {record.path, std::nullopt};
        } else {
          return {PathOf(record), EncodeRecord(record)};
        }
      },
      change);
}

}  // namespace

Result<std::unique_ptr<VaultStore>> VaultStore::Open(shard::Shard& system,
                                                     asio::io_context& context) {
  TM_TRY(auto rows, catalog::SystemRows::Open(system, VaultsTableId(),
                                              R"({"act":"create vault store"})", context));
  std::unique_ptr<VaultStore> store(new VaultStore(std::move(rows)));
  TM_TRYV(store->Load());
  return store;
}

// False: the row is of another kind.
template <class Record>
bool VaultStore::LoadRow(std::string_view path, BytesView value, Result<void>* result) {
  if (!path.starts_with(Record::kKind) || path[Record::kKind.size()] != '/') return false;
  Record record;
  *result = DecodeRecord(value, &record);
  if (*result) Keep(std::move(record));
  return true;
}

Result<void> VaultStore::Load() {
  return rows_.ForEach([this](std::string_view path, BytesView value) -> Result<void> {
    Result<void> read;
    const bool known =
        LoadRow<VaultRecord>(path, value, &read) || LoadRow<PointRecord>(path, value, &read) ||
        LoadRow<BackupJobRecord>(path, value, &read) ||
        LoadRow<RestoreJobRecord>(path, value, &read) || LoadRow<PlanRecord>(path, value, &read) ||
        LoadRow<PlanVersionRecord>(path, value, &read) ||
        LoadRow<SelectionRecord>(path, value, &read) ||
        LoadRow<CopyJobRecord>(path, value, &read) ||
        LoadRow<GlobalSettingsRecord>(path, value, &read) ||
        LoadRow<HoldRecord>(path, value, &read) ||
        LoadRow<RegionSettingsRecord>(path, value, &read) ||
        LoadRow<TestingPlanRecord>(path, value, &read) ||
        LoadRow<TestingSelectionRecord>(path, value, &read) ||
        LoadRow<RestoreTestRecord>(path, value, &read) ||
        LoadRow<NotificationSettingsRecord>(path, value, &read) ||
        LoadRow<NoticeRecord>(path, value, &read) || LoadRow<FrameworkRecord>(path, value, &read) ||
        LoadRow<ReportPlanRecord>(path, value, &read) ||
        LoadRow<ReportJobRecord>(path, value, &read) || LoadRow<ArrivalRecord>(path, value, &read);
    if (known) return read;
    return Fail(ErrorKind::kCorruption, "the vault store has a row {}, which is of no kind", path);
  });
}

template <class Record>
void VaultStore::Keep(Record record) {
  std::string path = PathOf(record);
  auto& kept = std::get<Kept<Record>>(kept_);
  if (record.IsOpen()) {
    kept.open.insert(path);
  } else {
    kept.open.erase(path);
  }
  kept.records[std::move(path)] = std::make_shared<const Record>(std::move(record));
}

void VaultStore::Forget(const std::string& path) {
  std::apply(
      [&](auto&... kept) {
        (kept.records.erase(path), ...);
        (kept.open.erase(path), ...);
      },
      kept_);
}

Result<void> VaultStore::Apply(const std::function<Result<Changes>()>& act) {
  std::lock_guard writing(writer_mutex_);
  TM_TRY(Changes changes, act());
  const auto once_stored = follow_ ? follow_(*this, &changes) : nullptr;
  std::vector<catalog::RowEdit> edits;
  for (const Change& change : changes) edits.push_back(EditOf(change));
  TM_TRYV(rows_.Store(std::move(edits)));
  Show(std::move(changes));
  if (once_stored) once_stored();
  return {};
}

void VaultStore::Show(Changes changes) {
  std::unique_lock lock(mutex_);
  for (Change& change : changes) {
    std::visit(
        [&](auto& one) {
          if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Erase>) {
            Forget(one.path);
          } else {
            Keep(std::move(one));
          }
        },
        change);
  }
}

Result<void> VaultStore::EraseAccount(const AccountId& account) {
  return Apply([&]() -> Result<Changes> {
    std::shared_lock lock(mutex_);
    Changes changes;
    const auto erase = [&](const auto& kept) {
      for (const auto& [path, record] : kept.records) {
        if (record->account == account) changes.push_back(Erase{path});
      }
    };
    std::apply([&](const auto&... kept) { (erase(kept), ...); }, kept_);
    return changes;
  });
}

}  // namespace tidemark::vault
