#include "server/metrics_page.h"

#include <map>
#include <span>
#include <vector>

#include "metrics/text_writer.h"
#include "server/process_figures.h"

namespace tidemark::server {
namespace {

using metrics::Scale;
using metrics::TextWriter;
using metrics::Type;

constexpr Scale kRequestTimes{.divisor = 1e6, .first_power = 6, .last_power = 24};  // 64 us to 17 s

constexpr Scale kSyncTimes{.divisor = 1e6, .first_power = 4, .last_power = 22};  // 16 us to 4 s
constexpr Scale kGroupSizes{.divisor = 1, .first_power = 8, .last_power = 22};   // 256 B to 4 MiB

// One number of a part's struct.
template <class Stats>
struct Figure {
  Type type;
  std::string_view name;
  std::string_view help;
  uint64_t Stats::*member;
};

constexpr Figure<http::ListenerStats> kListenerFigures[] = {
    {Type::kGauge, "tidemark_connections_open", "Connections of clients there are now.",
     &http::ListenerStats::open},
    {Type::kCounter, "tidemark_connections_accepted_total", "Connections taken.",
     &http::ListenerStats::accepted},
    {Type::kCounter, "tidemark_connections_turned_away_total",
     "Connections closed at once, being more than the limit.", &http::ListenerStats::turned_away},
    {Type::kCounter, "tidemark_http_refused_total",
     "Requests that broke the protocol or a limit, or took too long to arrive.",
     &http::ListenerStats::refused},
};

constexpr Figure<engine::EngineStats> kEngineFigures[] = {
    {Type::kGauge, "tidemark_engine_open_tables", "Tables whose files are open.",
     &engine::EngineStats::open_tables},
    {Type::kGauge, "tidemark_engine_descriptors", "Descriptors of tables' files that are open.",
     &engine::EngineStats::open_descriptors},
    {Type::kGauge, "tidemark_engine_descriptors_limit", "How many there may be (--descriptors).",
     &engine::EngineStats::descriptor_budget},
    {Type::kCounter, "tidemark_engine_descriptor_opens_total",
     "Reads that found the file they need closed.", &engine::EngineStats::descriptor_opens},
    {Type::kGauge, "tidemark_engine_memtable_bytes", "Rows in memory that are not flushed yet.",
     &engine::EngineStats::memtable_bytes},
    {Type::kGauge, "tidemark_engine_block_cache_bytes", "Blocks of tables in memory.",
     &engine::EngineStats::block_cache_bytes},
    {Type::kGauge, "tidemark_engine_block_cache_limit_bytes", "How much there may be.",
     &engine::EngineStats::block_cache_capacity},
};

constexpr Figure<shard::ShardStats> kShardFigures[] = {
    {Type::kGauge, "tidemark_tables", "Tables there are.", &shard::ShardStats::tables},
    {Type::kGauge, "tidemark_open_tables", "Tables that are open; the others open when touched.",
     &shard::ShardStats::open_tables},
    {Type::kGauge, "tidemark_fenced_tables",
     "Tables that take no writes, or cannot be opened; the server's log names them.",
     &shard::ShardStats::fenced_tables},
    {Type::kGauge, "tidemark_backlog_tables",
     "Tables that the start found to lack changes and that nobody has touched since.",
     &shard::ShardStats::backlog_tables},
    {Type::kGauge, "tidemark_backlog_bytes", "What they lack, held in memory.",
     &shard::ShardStats::backlog_bytes},
    {Type::kGauge, "tidemark_dirty_bytes", "Rows applied to tables and not flushed yet.",
     &shard::ShardStats::dirty_bytes},
    {Type::kGauge, "tidemark_oldest_dirty_log_bytes",
     "Log from the oldest frame that a table still needs to the end: what a start has to read.",
     &shard::ShardStats::oldest_needed_log_bytes},
    {Type::kCounter, "tidemark_flushes_total", "Flushes of tables.", &shard::ShardStats::flushes},
    {Type::kCounter, "tidemark_flushes_failed_total", "Flushes of tables that failed.",
     &shard::ShardStats::failed_flushes},
    {Type::kCounter, "tidemark_tables_opened_total", "Tables opened.", &shard::ShardStats::opened},
    {Type::kCounter, "tidemark_tables_closed_total", "Tables closed, being idle or too many.",
     &shard::ShardStats::closed},
};

constexpr Figure<shard::ShardStats> kParkingFigures[] = {
    {Type::kGauge, "tidemark_parked_tables", "Tables whose store lags behind the log.",
     &shard::ShardStats::parked_tables},
    {Type::kGauge, "tidemark_parked_bytes", "What is logged and waits for them.",
     &shard::ShardStats::parked_bytes},
    {Type::kGauge, "tidemark_waiting_writes", "Writes to them that are not logged yet.",
     &shard::ShardStats::waiting_writes},
    {Type::kCounter, "tidemark_parked_total", "How often a table began to lag.",
     &shard::ShardStats::times_parked},
    {Type::kCounter, "tidemark_fenced_total", "How often a table's store refused a change.",
     &shard::ShardStats::times_fenced},
    {Type::kCounter, "tidemark_owed_runs_total",
     "Files written with what a fenced table lacks, so that the log need not keep it.",
     &shard::ShardStats::owed_runs},
    {Type::kCounter, "tidemark_healed_total", "Fenced tables that work again.",
     &shard::ShardStats::healed_tables},
    {Type::kCounter, "tidemark_writes_refused_total",
     "Writes refused before they were logged: disk reserve, log's bound, too many waiting.",
     &shard::ShardStats::refused_writes},
    {Type::kCounter, "tidemark_log_changes_total", "Changes in them.", &shard::ShardStats::changes},
    {Type::kCounter, "tidemark_clock_jumps_held_total",
     "Jumps of the wall clock ahead that commit times did not follow at once.",
     &shard::ShardStats::clock_jumps_held},
    {Type::kCounter, "tidemark_clock_jumps_followed_total",
     "Those they followed after some minutes.", &shard::ShardStats::clock_jumps_followed},
};

constexpr Figure<log::LogStats> kLogFigures[] = {
    {Type::kCounter, "tidemark_log_frames_total", "Frames written to the commit log.",
     &log::LogStats::frames},
    {Type::kCounter, "tidemark_log_appended_bytes_total", "Their size on disk.",
     &log::LogStats::bytes_appended},
    {Type::kGauge, "tidemark_log_bytes", "The commit log's files.", &log::LogStats::bytes_on_disk},
    {Type::kGauge, "tidemark_log_segments", "Segments of the commit log that are kept.",
     &log::LogStats::segments},
    {Type::kGauge, "tidemark_log_spare_segments", "Segments prepared for use.",
     &log::LogStats::spares},
    {Type::kGauge, "tidemark_log_damaged_ranges",
     "Damaged parts of the commit log that no operator has given up (tidemark repair).",
     &log::LogStats::damage_open},
    {Type::kGauge, "tidemark_log_damaged_ranges_accepted", "Those that were given up.",
     &log::LogStats::damage_accepted},
};

constexpr Figure<pitr::RecoveryStats> kImageFigures[] = {
    {Type::kGauge, "tidemark_pitr_images", "Images that restores to an instant begin with.",
     &pitr::RecoveryStats::images},
    {Type::kGauge, "tidemark_pitr_image_bytes", "Their files, most of them shared with tables.",
     &pitr::RecoveryStats::image_bytes},
    {Type::kGauge, "tidemark_pitr_pinned_bytes", "Files that only images have any more.",
     &pitr::RecoveryStats::pinned_bytes},
};

constexpr Figure<archive::ArchiveStats> kArchiveFigures[] = {
    {Type::kGauge, "tidemark_archive_runs", "Files of sorted history.",
     &archive::ArchiveStats::runs},
    {Type::kGauge, "tidemark_archive_run_bytes", "Their size.", &archive::ArchiveStats::run_bytes},
    {Type::kGauge, "tidemark_archive_gaps", "Parts of the log whose history is lost.",
     &archive::ArchiveStats::gaps},
    {Type::kGauge, "tidemark_archive_debt_bytes", "Log that is not sorted into runs yet.",
     &archive::ArchiveStats::debt_bytes},
    {Type::kCounter, "tidemark_archive_sorted_bytes_total", "Log sorted into runs.",
     &archive::ArchiveStats::sorted_log_bytes},
};

template <class Stats>
void AddFigures(std::span<const Figure<Stats>> figures, const Stats& stats, TextWriter* page) {
  for (const auto& figure : figures) {
    page->Family(figure.type, figure.name, figure.help);
    page->Sample({}, stats.*figure.member);
  }
}

void AddRequests(const api::RequestFigures& requests, TextWriter* page) {
  // A copy first, so that the two families agree.
  struct Row {
    std::string_view operation;
    std::string_view ending;
    metrics::HistogramSnapshot times;
  };
  std::vector<Row> rows;
  for (const auto& operation : requests.all()) {
    for (size_t i = 0; i < operation.times.size(); ++i) {
      auto times = operation.times[i].Snapshot();
      if (times.count > 0)
        rows.push_back({operation.name, api::RequestFigures::kEndingNames[i], times});
    }
  }
  page->Family(Type::kCounter, "tidemark_requests_total",
               "Requests answered, by operation and kind of HTTP status.");
  for (const auto& row : rows)
    page->Sample({{"operation", row.operation}, {"status", row.ending}}, row.times.count);
  page->Family(Type::kHistogram, "tidemark_request_duration_seconds",
               "From the moment a request was there whole until its answer was ready.");
  for (const auto& row : rows) {
    page->Histogram({{"operation", row.operation}, {"status", row.ending}}, row.times,
                    kRequestTimes);
  }
}

void AddAudit(const audit::AuditLog::Figures& figures, TextWriter* page) {
  page->Family(Type::kCounter, "tidemark_audit_lines_total", "Lines of the audit log written.");
  page->Sample({}, figures.lines);
  page->Family(Type::kCounter, "tidemark_audit_refused_total",
               "Calls that are not in the audit log: too many waited, or the disk failed.");
  page->Sample({}, figures.refused);
}

constexpr Scale kStoreTimes{.divisor = 1e6, .first_power = 8, .last_power = 28};  // 256 us to 268 s

void AddBackupStore(const blob::MeteredStore& store, TextWriter* page) {
  const auto each = [&](auto sample) {
    for (size_t i = 0; i < blob::kBlobOps; ++i) {
      const auto op = static_cast<blob::BlobOp>(i);
      sample(metrics::Label{"operation", blob::ToString(op)}, store.Figures(op));
    }
  };
  page->Family(Type::kCounter, "tidemark_backup_store_failures_total",
               "Requests to the backup store that failed, each attempt by itself.");
  each([&](auto op, const auto& figures) { page->Sample({op}, figures.failures); });
  page->Family(Type::kCounter, "tidemark_backup_store_bytes_total",
               "Bytes put into the backup store and got from it.");
  each([&](auto op, const auto& figures) { page->Sample({op}, figures.bytes); });
  page->Family(Type::kHistogram, "tidemark_backup_store_duration_seconds",
               "How long requests to the backup store took.");
  each([&](auto op, const auto& figures) { page->Histogram({op}, figures.times, kStoreTimes); });
}

// Keys of customers and of the service itself.
void AddKeys(const kms::KeyStore& keys, TextWriter* page) {
  std::map<std::string_view, uint64_t> counts;
  for (const auto state : {kms::KeyState::kEnabled, kms::KeyState::kDisabled,
                           kms::KeyState::kPendingDeletion, kms::KeyState::kDeleted})
    counts[kms::ToString(state)] = 0;
  for (const auto& key : keys.AllKeys()) ++counts[kms::ToString(key->state)];
  page->Family(Type::kGauge, "tidemark_kms_keys", "Keys of KMS, by state.");
  for (const auto& [state, count] : counts) page->Sample({{"state", state}}, count);
}

// Of each sink there is.
void AddNotifications(const vault::Notifier& notifier, TextWriter* page) {
  const auto figures = notifier.Figures();
  const auto add = [&](Type type, std::string_view name, std::string_view help,
                       uint64_t vault::NotifierFigures::*member) {
    page->Family(type, name, help);
    for (const auto& sink : figures) page->Sample({{"sink", sink.sink}}, sink.*member);
  };
  add(Type::kCounter, "tidemark_notifications_sent_total", "Notifications of AWS Backup sent.",
      &vault::NotifierFigures::sent);
  add(Type::kCounter, "tidemark_notifications_failed_total",
      "Attempts to send one that failed; each is tried again.", &vault::NotifierFigures::failed);
  add(Type::kCounter, "tidemark_notifications_given_up_total",
      "Those that could not be sent for three days and are lost.",
      &vault::NotifierFigures::given_up);
  add(Type::kGauge, "tidemark_notifications_waiting", "Those that are still to be sent.",
      &vault::NotifierFigures::waiting);
}

// What the shards of all Regions tell, each read once.
struct ShardRow {
  std::string_view region;
  shard::ShardStats stats;
  log::LogStats log;
  bool writable = false;
  double last_commit = 0;
};

ShardRow ReadShard(shard::Shard& shard) {
  ShardRow row{.region = shard.name(), .stats = shard.Stats(), .log = shard.log().Stats()};
  row.writable = shard.Writable().has_value();
  row.last_commit = ToEpochSeconds(shard.log().last_commit());
  return row;
}

void AddShards(const std::vector<ShardRow>& rows, TextWriter* page) {
  const auto family = [&](Type type, std::string_view name, std::string_view help,
                          const auto& value) {
    page->Family(type, name, help);
    for (const auto& row : rows) page->Sample({{"region", row.region}}, value(row));
  };
  family(Type::kGauge, "tidemark_writable",
         "1 while the Region takes writes: its log works, and the disk has its reserve.",
         [](const ShardRow& row) { return uint64_t{row.writable}; });
  family(Type::kGauge, "tidemark_last_commit_timestamp_seconds",
         "Commit time of the newest write, since the Unix epoch.",
         [](const ShardRow& row) { return row.last_commit; });
  family(Type::kGauge, "tidemark_disk_free_bytes", "Free space where the Region lies.",
         [](const ShardRow& row) { return row.stats.disk.free_bytes; });
  family(Type::kGauge, "tidemark_disk_reserve_bytes", "Below this there are no writes.",
         [](const ShardRow& row) { return row.stats.disk.reserve_bytes; });
  family(Type::kGauge, "tidemark_log_bound_reached",
         "1 while tables with point-in-time recovery take no writes, because too much log is kept.",
         [](const ShardRow& row) { return uint64_t{!row.stats.log_bound.empty()}; });
  family(Type::kGauge, "tidemark_clock_ahead_seconds",
         "By how much the wall clock is ahead of commit times.", [](const ShardRow& row) {
           return static_cast<double>(row.stats.wall_ahead.count()) / 1e6;
         });
  const auto figures = [&](std::span<const Figure<shard::ShardStats>> list) {
    for (const auto& figure : list) {
      family(figure.type, figure.name, figure.help,
             [&](const ShardRow& row) { return row.stats.*figure.member; });
    }
  };
  figures(kShardFigures);
  figures(kParkingFigures);
}

void AddLogs(const std::vector<ShardRow>& rows, TextWriter* page) {
  for (const auto& figure : kLogFigures) {
    page->Family(figure.type, figure.name, figure.help);
    for (const auto& row : rows) page->Sample({{"region", row.region}}, row.log.*figure.member);
  }
  page->Family(Type::kHistogram, "tidemark_log_group_bytes",
               "Changes written together, as one frame.");
  for (const auto& row : rows)
    page->Histogram({{"region", row.region}}, row.log.group_bytes, kGroupSizes);
  page->Family(Type::kHistogram, "tidemark_log_sync_duration_seconds",
               "The sync of a frame to the disk.");
  for (const auto& row : rows)
    page->Histogram({{"region", row.region}}, row.log.sync_micros, kSyncTimes);
}

void AddRecovery(const pitr::Recovery& recovery, TextWriter* page) {
  const auto rows = recovery.Stats();
  for (const auto& figure : kImageFigures) {
    page->Family(figure.type, figure.name, figure.help);
    for (const auto& [region, stats] : rows)
      page->Sample({{"region", region.value}}, stats.*figure.member);
  }
  for (const auto& figure : kArchiveFigures) {
    page->Family(figure.type, figure.name, figure.help);
    for (const auto& [region, stats] : rows)
      page->Sample({{"region", region.value}}, stats.archive.*figure.member);
  }
  page->Family(Type::kGauge, "tidemark_archive_debt_seconds",
               "Age of the oldest change in the log that is not sorted yet.");
  for (const auto& [region, stats] : rows) {
    const auto age = static_cast<double>(stats.archive.debt_age.count()) / 1e6;
    page->Sample({{"region", region.value}}, age);
  }
  page->Family(Type::kCounter, "tidemark_archive_cpu_seconds_total",
               "Processor time spent on sorting log into runs.");
  for (const auto& [region, stats] : rows)
    page->Sample({{"region", region.value}}, stats.archive.sorting_cpu_seconds);
  page->Family(Type::kGauge, "tidemark_archive_stuck",
               "1 while history cannot be sorted; the server's log says why.");
  for (const auto& [region, stats] : rows)
    page->Sample({{"region", region.value}}, uint64_t{!stats.archive.stuck.empty()});
}

void AddPast(const pitr::PastStats& stats, size_t backups, TextWriter* page) {
  const auto add = [&](std::string_view name, std::string_view help, uint64_t value) {
    page->Family(Type::kGauge, name, help);
    page->Sample({}, value);
  };
  add("tidemark_past_images", "Images kept open to read tables as of an instant.", stats.images);
  add("tidemark_past_tails", "Tables whose newest log is held in memory for such reads.",
      stats.tails);
  add("tidemark_past_tail_bytes", "What that log takes.", stats.tail_bytes);
  add("tidemark_past_section_bytes", "What parts of runs take that are kept for such reads.",
      stats.section_bytes);
  add("tidemark_backup_images", "Backups kept open to be read without a restore.", backups);
}

void AddProcess(TextWriter* page) {
  const auto figures = ReadProcessFigures();
  const auto add = [&](Type type, std::string_view name, std::string_view help, auto value) {
    page->Family(type, name, help);
    page->Sample({}, value);
  };
  add(Type::kGauge, "tidemark_process_start_time_seconds",
      "When the server was started, since the Unix epoch.", figures.start_seconds);
  add(Type::kCounter, "tidemark_process_cpu_seconds_total", "Processor time used.",
      figures.cpu_seconds);
  add(Type::kGauge, "tidemark_process_resident_memory_bytes", "Memory in use.",
      figures.resident_bytes);
  add(Type::kGauge, "tidemark_process_open_fds", "Descriptors in use.", figures.descriptors);
  add(Type::kGauge, "tidemark_process_max_fds", "How many there may be (ulimit -n).",
      figures.descriptors_max);
  add(Type::kGauge, "tidemark_process_threads", "Threads.", figures.threads);
}

}  // namespace

std::string MetricsPage(const MetricsSources& sources) {
  std::string text;
  TextWriter page(&text);
  AddRequests(sources.requests, &page);
  if (sources.listener)
    AddFigures<http::ListenerStats>(kListenerFigures, sources.listener->Stats(), &page);
  std::vector<ShardRow> rows = {ReadShard(sources.system)};
  for (shard::Shard* shard : sources.regions.All()) rows.push_back(ReadShard(*shard));
  AddShards(rows, &page);
  AddLogs(rows, &page);
  AddRecovery(sources.recovery, &page);
  AddPast(sources.past.Stats(), sources.backup_reads.images(), &page);
  AddAudit(sources.audit.figures(), &page);
  AddNotifications(sources.notifier, &page);
  if (sources.backup_store) AddBackupStore(*sources.backup_store, &page);
  AddKeys(sources.keys, &page);
  AddProtection(sources.protection, &page);
  AddFigures<engine::EngineStats>(kEngineFigures, sources.engine.Stats(), &page);
  AddProcess(&page);
  return text;
}

}  // namespace tidemark::server
