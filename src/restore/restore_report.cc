#include "restore/restore_report.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "catalog/json_fields.h"

namespace tidemark::restore {
namespace {

namespace json = boost::json;

constexpr int64_t kReportVersion = 1;
constexpr size_t kReportsKept = 100;                 // that are over, of an account and Region ...
constexpr auto kReportKept = std::chrono::days(35);  // ... each so long

TableId ReportsTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000005"); }

// Row keys: the new table's id.
std::string ReportPath(TableId id) { return id.ToString(); }

RestorePlace PlaceOfReport(const RestoreReport& report) { return {report.created, report.id}; }

RestoreReport ReadReport(catalog::Fields fields) {
  return {.id = fields.Id<TableId>("id"),
          .account = AccountId(fields.Text("account")),
          .region = Region(fields.Text("region")),
          .table_name = fields.Text("table_name"),
          .source_table_arn = fields.Text("source_table_arn"),
          .source_backup_arn = fields.Text("source_backup_arn"),
          .restore_time = fields.Time("restore_time"),
          .access_key = fields.Text("access_key"),
          .created = fields.Time("created"),
          .ended = fields.Time("ended"),
          .status = static_cast<RestoreStatus>(fields.Int("status", 0, 4)),
          .failure = fields.Text("failure"),
          .items = fields.Unsigned("items"),
          .bytes = fields.Unsigned("bytes"),
          .changes = fields.Unsigned("changes"),
          .from_cold = fields.Has("from_cold") && fields.Bool("from_cold"),
          .verifies_first = fields.Bool("verifies_first"),
          .verification = static_cast<Verification>(fields.Int("verification", 0, 3)),
          .difference = fields.Text("difference"),
          .group = fields.Has("group") ? fields.Text("group") : ""};
}

}  // namespace

std::string_view ToString(RestoreStatus status) {
  static constexpr std::array<std::string_view, 5> kNames = {"RUNNING", "CANCELLING", "COMPLETED",
                                                             "FAILED", "CANCELLED"};
  return kNames[static_cast<size_t>(status)];
}

std::string_view ToString(Verification verification) {
  static constexpr std::array<std::string_view, 4> kNames = {"NONE", "RUNNING", "PASSED", "FAILED"};
  return kNames[static_cast<size_t>(verification)];
}

std::string EncodeRestoreReport(const RestoreReport& report) {
  return json::serialize(json::object{{"version", kReportVersion},
                                      {"id", report.id.ToString()},
                                      {"account", report.account.value},
                                      {"region", report.region.value},
                                      {"table_name", report.table_name},
                                      {"source_table_arn", report.source_table_arn},
                                      {"source_backup_arn", report.source_backup_arn},
                                      {"restore_time", ToMicros(report.restore_time)},
                                      {"access_key", report.access_key},
                                      {"created", ToMicros(report.created)},
                                      {"ended", ToMicros(report.ended)},
                                      {"status", static_cast<int64_t>(report.status)},
                                      {"failure", report.failure},
                                      {"items", std::to_string(report.items)},
                                      {"bytes", std::to_string(report.bytes)},
                                      {"changes", std::to_string(report.changes)},
                                      {"from_cold", report.from_cold},
                                      {"verifies_first", report.verifies_first},
                                      {"verification", static_cast<int64_t>(report.verification)},
                                      {"difference", report.difference},
                                      {"group", report.group}});
}

Result<RestoreReport> DecodeRestoreReport(std::string_view text) {
  return catalog::DecodeRecord<RestoreReport>(text, kReportVersion, "restore", ReadReport);
}

Result<std::unique_ptr<RestoreReports>> RestoreReports::Open(shard::Shard& system,
                                                             asio::io_context& context) {
  TM_TRY(auto rows, catalog::SystemRows::Open(system, ReportsTableId(),
                                              R"({"act":"create restore reports"})", context));
  std::unique_ptr<RestoreReports> reports(new RestoreReports(std::move(rows)));
  TM_TRYV(reports->rows_.ForEach([&](std::string_view, BytesView value) -> Result<void> {
    TM_TRY(auto report, DecodeRestoreReport(value));
    const TableId id = report.id;
    reports->reports_[id] = std::make_shared<const RestoreReport>(std::move(report));
    return {};
  }));
  return reports;
}

std::vector<RestoreReportPtr> RestoreReports::All() const {
  std::vector<RestoreReportPtr> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, report] : reports_) all.push_back(report);
  return all;
}

RestoreReportPtr RestoreReports::Find(TableId id) const {
  const std::lock_guard lock(mutex_);
  const auto at = reports_.find(id);
  return at == reports_.end() ? nullptr : at->second;
}

RestoreReportPtr RestoreReports::Newest(const AccountId& account, const Region& region,
                                        std::string_view table_name) const {
  const auto found = List(account, region, {.table_name = std::string(table_name), .limit = 1});
  return found.empty() ? nullptr : found.front();
}

std::vector<RestoreReportPtr> RestoreReports::List(const AccountId& account, const Region& region,
                                                   const RestoreQuery& query) const {
  std::vector<RestoreReportPtr> found = All();
  std::erase_if(found, [&](const RestoreReportPtr& report) {
    return report->account != account || report->region != region ||
           (!query.table_name.empty() && report->table_name != query.table_name) ||
           (!query.group.empty() && report->group != query.group) ||
           (query.after && PlaceOfReport(*report) >= *query.after);
  });
  std::ranges::sort(found, std::ranges::greater(),
                    [](const RestoreReportPtr& report) { return PlaceOfReport(*report); });
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

std::vector<RestoreReportPtr> RestoreReports::Unfinished() const {
  std::vector<RestoreReportPtr> found = All();
  std::erase_if(found, [](const RestoreReportPtr& report) { return report->is_over(); });
  return found;
}

std::vector<RestoreReportPtr> RestoreReports::Completed() const {
  std::vector<RestoreReportPtr> found = All();
  std::erase_if(found, [](const RestoreReportPtr& report) {
    return report->status != RestoreStatus::kCompleted;
  });
  return found;
}

std::vector<TableId> RestoreReports::Unverified() const {
  std::vector<TableId> found;
  for (const auto& report : All()) {
    if (report->status == RestoreStatus::kCompleted &&
        report->verification == Verification::kPending)
      found.push_back(report->id);
  }
  return found;
}

Result<void> RestoreReports::Put(RestoreReport report) {
  std::vector<TableId> old;
  size_t over = 0;
  for (const auto& one : List(report.account, report.region, {.limit = SIZE_MAX})) {
    if (!one->is_over()) continue;
    if (++over >= kReportsKept || report.created - one->ended > kReportKept) old.push_back(one->id);
  }
  const auto erased = Erase(old);
  if (!erased) LogWarn("old restores stay on record: {}", erased.error().message);
  const std::lock_guard writing(writing_);
  TM_TRYV(rows_.Store({{ReportPath(report.id), EncodeRestoreReport(report)}}));
  const std::lock_guard lock(mutex_);
  const TableId id = report.id;
  reports_[id] = std::make_shared<const RestoreReport>(std::move(report));
  return {};
}

Result<void> RestoreReports::Edit(TableId id, const std::function<void(RestoreReport&)>& edit) {
  const std::lock_guard writing(writing_);
  const auto old = Find(id);
  if (!old) return {};
  RestoreReport report = *old;
  edit(report);
  TM_TRYV(rows_.Store({{ReportPath(id), EncodeRestoreReport(report)}}));
  const std::lock_guard lock(mutex_);
  reports_[id] = std::make_shared<const RestoreReport>(std::move(report));
  return {};
}

void RestoreReports::Forget(const AccountId& account) {
  std::vector<TableId> ids;
  for (const auto& report : All()) {
    if (report->account == account) ids.push_back(report->id);
  }
  const auto erased = Erase(ids);
  if (!erased) LogWarn("restores stay on record: {}", erased.error().message);
}

Result<void> RestoreReports::Erase(const std::vector<TableId>& ids) {
  if (ids.empty()) return {};
  std::vector<catalog::RowEdit> edits;
  for (const TableId id : ids) edits.push_back({ReportPath(id), std::nullopt});
  const std::lock_guard writing(writing_);
  TM_TRYV(rows_.Store(std::move(edits)));
  const std::lock_guard lock(mutex_);
  for (const TableId id : ids) reports_.erase(id);
  return {};
}

}  // namespace tidemark::restore
