// What a shard tells its operators.
#include "shard/local_shard.h"

namespace tidemark::shard {

void LocalShard::AddWriteStats(ShardStats* stats) const {
  const CommitQueue::Stats queue = queue_.stats();
  const Admission::Stats admission = admission_.stats();
  const FencedTables::Stats fenced = fenced_.stats();
  stats->parked_tables = queue.applier.parked_tables;
  stats->parked_bytes = queue.applier.parked_bytes;
  stats->times_parked = queue.applier.times_parked;
  stats->times_fenced = queue.applier.times_fenced;
  stats->owed_runs = fenced.owed_runs;
  stats->healed_tables = fenced.healed;
  stats->waiting_writes = admission.waiting;
  stats->refused_writes = admission.refused + queue.refused_for_space;
  stats->log_bound = admission.log_bound;
  stats->log_bytes = log_->bytes();
  stats->disk = reserve_.stats();
  stats->groups = queue.groups;
  stats->changes = queue.changes;
  stats->clock_jumps_held = queue.clock.held;
  stats->clock_jumps_followed = queue.clock.followed;
  stats->clock_holding = queue.clock.holding;
  stats->wall_ahead = queue.clock.wall_ahead;
}

ShardStats LocalShard::Stats() const {
  ShardStats stats;
  for (const OpenTablePtr& table : AllTables()) {
    ++stats.tables;
    if (table->fenced()) ++stats.fenced_tables;
    if (const uint64_t bytes = table->BacklogBytes()) {
      ++stats.backlog_tables;
      stats.backlog_bytes += bytes;
    }
    if (const auto store = table->StoreForUpkeep()) {
      ++stats.open_tables;
      stats.dirty_bytes += store->DirtyBytes();
    }
    const auto oldest = table->OldestNeeded();
    if (oldest && (!stats.oldest_needed || *oldest < *stats.oldest_needed)) {
      stats.oldest_needed = oldest;
      stats.oldest_table = table->id();
    }
  }
  if (stats.oldest_needed) {
    for (const auto& segment : log_->Segments()) {
      if (segment.segment > stats.oldest_needed->segment) {
        stats.oldest_needed_log_bytes += segment.bytes;
      } else if (segment.segment == stats.oldest_needed->segment &&
                 segment.bytes > stats.oldest_needed->offset) {
        stats.oldest_needed_log_bytes += segment.bytes - stats.oldest_needed->offset;
      }
    }
  }
  stats.flushes = scheduler_.flushes();
  stats.failed_flushes = scheduler_.failed();
  stats.opened = opener_.opened();
  stats.closed = closer_.closed();
  AddWriteStats(&stats);
  return stats;
}

}  // namespace tidemark::shard
