#include "metering/meter.h"

#include "base/log.h"

namespace tidemark::metering {
namespace {

constexpr std::chrono::seconds kTickInterval{10};
constexpr size_t kChangedAtOnce = 500;

std::string RecoveryId(const catalog::TableRecord& table) {
  return fmt::format("{}-{}", table.id.ToString(), ToMicros(table.pitr.enabled_at));
}

TableId TableOf(const Entry& entry) {
  const auto id = TableId::Parse(std::string_view(entry.id).substr(0, 36));
  return id ? *id : TableId{};
}

// Makes one of many entries at a time what is to be stored, in acts of bounded size.
Result<void> InParts(
    Ledger& ledger, const std::vector<Entry>& entries,
    const std::function<void(const Entry&, const Ledger::OpenEntries&, Ledger::Changes*)>& change) {
  for (size_t begin = 0; begin < entries.size(); begin += kChangedAtOnce) {
    TM_TRYV(ledger.Apply([&](const Ledger::OpenEntries& open) {
      Ledger::Changes changes;
      const size_t end = std::min(begin + kChangedAtOnce, entries.size());
      for (size_t i = begin; i < end; ++i) change(entries[i], open, &changes);
      return changes;
    }));
  }
  return {};
}

// The open entry as it is now; null: it is open no more, or is to end.
const Entry* StillOpen(const Entry& entry, const Ledger::OpenEntries& open) {
  const auto at = open.find(Ledger::PathOf(entry));
  return at != open.end() && at->second.IsOpen() ? &at->second : nullptr;
}

}  // namespace

uint64_t ChargedBytes(const shard::Totals& totals, const catalog::TableRecord& table) {
  uint64_t bytes = totals.bytes;
  for (const auto& index : table.indexes) {
    if (index.local) bytes += totals.OfIndex(index.definition.number).bytes;
  }
  return bytes;
}

Entry EntryOf(const catalog::BackupRecord& backup) {
  const bool managed = backup.type == catalog::BackupType::kAwsBackup;
  const bool cold = managed && backup.image.is_cold();
  return {.account = backup.source.account,
          .region = backup.source.region,
          .kind = cold      ? Kind::kCold
                  : managed ? Kind::kWarm
                            : Kind::kOnDemand,
          .id = backup.source.name + "/" + backup.id.value,
          .resource = backup.Arn(),
          .table = backup.source.name,
          .bytes = ChargedBytes(backup.image.totals, backup.source),
          .from = cold ? backup.image.cold_since : backup.created,
          .until = {}};
}

Entry EntryOf(const catalog::TableRecord& table, uint64_t bytes) {
  return {.account = table.account,
          .region = table.region,
          .kind = Kind::kPitr,
          .id = RecoveryId(table),
          .resource = table.Arn(),
          .table = table.name,
          .bytes = bytes,
          .from = table.pitr.enabled_at,
          .until = {}};
}

Meter::Meter(const catalog::Catalog& catalog, const catalog::Shards& shards, Ledger& ledger,
             Others others)
    : catalog_(catalog), shards_(shards), ledger_(ledger), others_(std::move(others)) {}

Timestamp Meter::Now(const Region& region) const {
  const shard::Shard* shard = shards_.Find(region);
  return shard ? shard->Now() : Timestamp{};
}

bool Meter::IsThere(const Entry& entry) const {
  if (entry.kind != Kind::kPitr) {
    const auto backup = catalog_.FindBackup(entry.resource);
    return backup && EntryOf(*backup).kind == entry.kind;
  }
  const auto table = catalog_.FindTable(TableOf(entry));
  return table && table->pitr.enabled && RecoveryId(*table) == entry.id;
}

Entry Meter::BeginOf(const catalog::BackupRecord& backup) const {
  Entry entry = EntryOf(backup);
  if (entry.kind == Kind::kCold || backup.copied_from_table.empty() || !others_.copied)
    return entry;
  if (const auto copied = others_.copied(backup)) entry.from = *copied;
  return entry;
}

// `backup` is in cold storage.
Entry Meter::BeforeCold(const catalog::BackupRecord& backup,
                        const Ledger::OpenEntries& open) const {
  catalog::BackupRecord warm = backup;
  warm.image.cold_since = {};
  Entry entry = BeginOf(warm);
  if (const auto at = open.find(Ledger::PathOf(entry)); at != open.end()) entry = at->second;
  entry.until = std::max(entry.from, backup.image.cold_since);
  return entry;
}

uint64_t Meter::SizeOf(const catalog::TableRecord& table) const {
  const shard::Shard* shard = shards_.Find(table.region);
  const auto handle = shard ? shard->Find(table.id) : nullptr;
  if (!handle) return 0;
  auto totals = handle->TotalsIfKnown();
  if (!totals) {
    const auto loaded = handle->LoadTotals();
    if (!loaded) {
      LogWarn("the size of table {} is not known to the ledger: {}", table.name,
              loaded.error().message);
      return 0;
    }
    totals = *loaded;
  }
  return ChargedBytes(*totals, table);
}

Result<void> Meter::Start() {
  std::vector<Entry> there, gone;
  for (const auto& [path, entry] : ledger_.open()) {
    if (!entry.IsOpen() && IsThere(entry)) there.push_back(entry);
    if (entry.IsOpen() && !IsThere(entry)) gone.push_back(entry);
  }
  TM_TRYV(InParts(ledger_, there, [](const Entry& entry, const auto&, Ledger::Changes* changes) {
    changes->open.push_back(entry);
    changes->open.back().until = {};
  }));
  // Nobody told of their end: it was not later than this server was last seen. Of what was moved to
  // cold storage the record tells.
  for (Entry& entry : gone) {
    const auto backup = entry.kind == Kind::kWarm ? catalog_.FindBackup(entry.resource) : nullptr;
    const Timestamp end =
        backup ? backup->image.cold_since : ledger_.MarkOf(entry.region).value_or(entry.from);
    entry.until = std::max(entry.from, end);
    TM_TRYV(End(entry));
  }
  return Tick();
}

Result<void> Meter::Tick() {
  const std::lock_guard ticking(ticking_);
  TM_TRYV(MoveEnded());
  TM_TRYV(OpenNew());
  TM_TRYV(Sample());
  return AddDone();
}

void Meter::Maintain() {
  const auto now = std::chrono::steady_clock::now();
  if (now - ticked_ < kTickInterval) return;
  ticked_ = now;
  const auto done = Tick();
  if (!done) LogWarn("the ledger of costs lags: {}", done.error().message);
}

// INVARIANT: an entry that was given an end stays among the open ones until the record is gone, so
// that whoever has seen the record finds the entry too, and does not begin it anew.
Result<void> Meter::MoveEnded() {
  std::vector<Entry> ended;
  for (const auto& [path, entry] : ledger_.open()) {
    if (!entry.IsOpen() && !IsThere(entry)) ended.push_back(entry);
  }
  return InParts(ledger_, ended, [](const Entry& entry, const auto&, Ledger::Changes* changes) {
    changes->closed.push_back(entry);
    if (auto early = EarlyDeletionOf(entry)) changes->ended.push_back(*std::move(early));
  });
}

Result<void> Meter::OpenNew() {
  const auto known = ledger_.open();
  const auto is_new = [&](const Entry& entry) { return !known.contains(Ledger::PathOf(entry)); };
  std::vector<Entry> begun, moved;
  for (const auto& backup : catalog_.AllBackups()) {
    if (backup->type == catalog::BackupType::kSystem) continue;
    Entry entry = BeginOf(*backup);
    if (!is_new(entry)) continue;
    if (entry.kind == Kind::kCold) moved.push_back(BeforeCold(*backup, known));
    begun.push_back(std::move(entry));
  }
  // Before what follows is open: until then this is done again, and comes to the same.
  TM_TRYV(InParts(ledger_, moved, [](const Entry& entry, const auto&, Ledger::Changes* changes) {
    changes->closed.push_back(entry);
  }));
  for (const auto& table : catalog_.AllTables()) {
    if (!table->pitr.enabled || !is_new(EntryOf(*table, 0))) continue;
    begun.push_back(EntryOf(*table, SizeOf(*table)));
  }
  return InParts(ledger_, begun,
                 [](const Entry& entry, const auto& open, Ledger::Changes* changes) {
                   if (!open.contains(Ledger::PathOf(entry))) changes->open.push_back(entry);
                 });
}

Result<void> Meter::Sample() {
  for (const shard::Shard* shard : shards_.All()) {
    const Region region(shard->name());
    const Timestamp hour = std::chrono::floor<std::chrono::hours>(shard->Now());
    const auto mark = ledger_.MarkOf(region);
    if (mark && hour <= *mark) continue;
    std::vector<Entry> changed;
    for (auto& [path, entry] : ledger_.open()) {
      if (entry.kind != Kind::kPitr || entry.region != region || !entry.IsOpen()) continue;
      const auto table = catalog_.FindTable(TableOf(entry));
      const auto handle = table ? shard->Find(table->id) : nullptr;
      const auto totals = handle ? handle->TotalsIfKnown() : std::nullopt;
      if (!totals) continue;  // not opened since the start: it is as it was
      changed.push_back(entry);
      changed.back().bytes = ChargedBytes(*totals, *table);
      if (changed.back().bytes == entry.bytes) changed.pop_back();
    }
    const Timestamp cut = mark ? *mark + std::chrono::hours(1) : hour;
    TM_TRYV(InParts(ledger_, changed,
                    [&](const Entry& entry, const auto& open, Ledger::Changes* changes) {
                      const Entry* before = StillOpen(entry, open);
                      if (!before) return;
                      Entry after = *before;
                      after.bytes = entry.bytes;
                      if (cut > before->from) {
                        changes->ended.push_back(*before);
                        changes->ended.back().until = after.from = cut;
                      }
                      changes->open.push_back(std::move(after));
                    }));
    TM_TRYV(ledger_.Apply([&](const Ledger::OpenEntries&) {
      Ledger::Changes changes;
      changes.marks[region] = hour;
      return changes;
    }));
  }
  return {};
}

Result<void> Meter::AddDone() {
  std::vector<Entry> fresh;
  for (Entry& entry : others_.done()) {
    const std::string path = Ledger::PathOf(entry);
    if (added_.contains(path)) continue;
    TM_TRY(const bool there, ledger_.Has(entry));
    if (!there) fresh.push_back(std::move(entry));
    if (there) added_.insert(path);
  }
  TM_TRYV(InParts(ledger_, fresh, [](const Entry& entry, const auto&, Ledger::Changes* changes) {
    changes->ended.push_back(entry);
  }));
  for (const Entry& entry : fresh) added_.insert(Ledger::PathOf(entry));
  return {};
}

Result<void> Meter::BackupEnds(const catalog::BackupRecord& backup) {
  if (backup.type == catalog::BackupType::kSystem) return {};
  const Entry entry = BeginOf(backup);
  const auto open = ledger_.open();
  if (entry.kind == Kind::kCold && !open.contains(Ledger::PathOf(entry)))  // moved a moment ago
    TM_TRYV(End(BeforeCold(backup, open)));
  return End(entry);
}

Result<void> Meter::RecoveryEnds(const catalog::TableRecord& table) {
  return End(EntryOf(table, 0));
}

// `entry`: as it would begin. Without an end it ends now.
Result<void> Meter::End(Entry entry) {
  return ledger_.Apply([&](const Ledger::OpenEntries& open) {
    const auto at = open.find(Ledger::PathOf(entry));
    const Timestamp until = entry.IsOpen() ? Now(entry.region) : entry.until;
    if (at != open.end()) entry = at->second;
    entry.until = std::max(entry.from, until);
    Ledger::Changes changes;
    changes.open.push_back(entry);
    return changes;
  });
}

Result<void> Meter::Forget(const AccountId& account) {
  const std::lock_guard ticking(ticking_);
  return ledger_.Forget(account);
}

}  // namespace tidemark::metering
