// All records of AWS Backup: rows of a system table, held in memory as well. Reads never block and
// give immutable snapshots.
//
// Threads: any. Apply blocks (it waits for the system shard): call it from the blocking pool.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "catalog/system_rows.h"
#include "shard/shard.h"
#include "vault/arrival_records.h"
#include "vault/copy_records.h"
#include "vault/framework_records.h"
#include "vault/hold_records.h"
#include "vault/notification_records.h"
#include "vault/plan_records.h"
#include "vault/records.h"
#include "vault/report_records.h"
#include "vault/settings_records.h"
#include "vault/testing_records.h"

namespace tidemark::vault {

template <class Record>
using Ptr = std::shared_ptr<const Record>;

// Whose records, and where.
struct Place {
  AccountId account;
  Region region;
};
template <class Record>
Place PlaceOf(const Record& record) {
  return {record.account, record.region};
}

// Where a record is kept: kind/account/region/id.
template <class Record>
std::string PathOf(const Place& place, std::string_view id);
template <class Record>
std::string PathOf(const Record& record) {
  return PathOf<Record>(PlaceOf(record), record.id());
}

struct Erase {
  std::string path;
};
using Change =
    std::variant<VaultRecord, PointRecord, BackupJobRecord, RestoreJobRecord, PlanRecord,
                 PlanVersionRecord, SelectionRecord, CopyJobRecord, GlobalSettingsRecord,
                 HoldRecord, RegionSettingsRecord, TestingPlanRecord, TestingSelectionRecord,
                 RestoreTestRecord, NotificationSettingsRecord, NoticeRecord, FrameworkRecord,
                 ReportPlanRecord, ReportJobRecord, ArrivalRecord, Erase>;
using Changes = std::vector<Change>;

class VaultStore {
 public:
  // Reads everything; makes the system table at the first start.
  static Result<std::unique_ptr<VaultStore>> Open(shard::Shard& system, asio::io_context& context);

  template <class Record>
  Ptr<Record> Find(const Place& place, std::string_view id) const {  // null: not there
    std::shared_lock lock(mutex_);
    const auto& all = Of<Record>().records;
    const auto at = all.find(PathOf<Record>(place, id));
    return at == all.end() ? nullptr : at->second;
  }
  // In order of ids.
  template <class Record>
  std::vector<Ptr<Record>> List(const Place& place) const {
    std::shared_lock lock(mutex_);
    std::vector<Ptr<Record>> found;
    const std::string prefix = PathOf<Record>(place, "");
    const auto& all = Of<Record>().records;
    for (auto at = all.lower_bound(prefix); at != all.end() && at->first.starts_with(prefix); ++at)
      found.push_back(at->second);
    return found;
  }
  template <class Record>
  std::vector<Ptr<Record>> All() const {
    std::shared_lock lock(mutex_);
    std::vector<Ptr<Record>> found;
    for (const auto& [path, record] : Of<Record>().records) found.push_back(record);
    return found;
  }
  // Those about which something is still to be done (IsOpen).
  template <class Record>
  std::vector<Ptr<Record>> Open() const {
    std::shared_lock lock(mutex_);
    std::vector<Ptr<Record>> found;
    for (const std::string& path : Of<Record>().open)
      found.push_back(Of<Record>().records.find(path)->second);
    return found;
  }

  template <class Record>
  size_t CountOpen() const {
    std::shared_lock lock(mutex_);
    return Of<Record>().open.size();
  }

  // What follows from the changes of an act: may add to them, and read this store as it is before
  // them. Before anything is applied. What it gives is run once all is stored; null: nothing is.
  using Follow = std::function<std::function<void()>(const VaultStore&, Changes*)>;
  void SetFollow(Follow follow) { follow_ = std::move(follow); }

  // Runs `act`, which may read this store, one act at a time, and stores what it gives: all of it
  // or none, durable, and seen by everybody, on return. An error of `act` is returned and nothing
  // changes.
  Result<void> Apply(const std::function<Result<Changes>()>& act);
  Result<void> Settle() { return rows_.Settle(); }  // as catalog::SystemRows::Settle
  // Everything of an account (test hook).
  Result<void> EraseAccount(const AccountId& account);

 private:
  template <class Record>
  struct Kept {
    std::map<std::string, Ptr<Record>, std::less<>> records;  // by path
    std::set<std::string, std::less<>> open;                  // paths
  };
  template <class Record>
  const Kept<Record>& Of() const {
    return std::get<Kept<Record>>(kept_);
  }

  explicit VaultStore(catalog::SystemRows rows) : rows_(std::move(rows)) {}
  Result<void> Load();
  template <class Record>
  bool LoadRow(std::string_view path, BytesView value, Result<void>* result);
  template <class Record>
  void Keep(Record record);
  void Forget(const std::string& path);
  void Show(Changes changes);  // to all

  const catalog::SystemRows rows_;
  Follow follow_;
  std::mutex writer_mutex_;  // one act at a time, held over its sync

  mutable std::shared_mutex mutex_;  // what follows
  std::tuple<Kept<VaultRecord>, Kept<PointRecord>, Kept<BackupJobRecord>, Kept<RestoreJobRecord>,
             Kept<PlanRecord>, Kept<PlanVersionRecord>, Kept<SelectionRecord>, Kept<CopyJobRecord>,
             Kept<GlobalSettingsRecord>, Kept<HoldRecord>, Kept<RegionSettingsRecord>,
             Kept<TestingPlanRecord>, Kept<TestingSelectionRecord>, Kept<RestoreTestRecord>,
             Kept<NotificationSettingsRecord>, Kept<NoticeRecord>, Kept<FrameworkRecord>,
             Kept<ReportPlanRecord>, Kept<ReportJobRecord>, Kept<ArrivalRecord>>
      kept_;
};

template <class Record>
std::string PathOf(const Place& place, std::string_view id) {
  std::string path(Record::kKind);
  for (const std::string_view part :
       {std::string_view(place.account.value), std::string_view(place.region.value), id}) {
    path += '/';
    path += part;
  }
  return path;
}

}  // namespace tidemark::vault
