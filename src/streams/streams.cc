#include "streams/streams.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"
#include "streams/iterator.h"
#include "streams/record_reader.h"

namespace tidemark::streams {
namespace {

constexpr uint64_t kCacheBytes = 32 << 20;
// Beyond kRetention: an iterator made then is good for a while.
constexpr Micros kGrace = 2 * Streams::kIteratorValid;

Unexpected NotFound(std::string_view arn) {
  return Fail(ErrorKind::kResourceNotFound, "Requested resource not found: Stream: {} not found",
              arn);
}

Unexpected ShardNotFound() {
  return Fail(ErrorKind::kResourceNotFound, "Requested resource not found: Shard does not exist");
}

const StreamShard* FindShard(const std::vector<StreamShard>& shards, std::string_view id) {
  const auto at = std::ranges::find(shards, id, &StreamShard::id);
  return at == shards.end() ? nullptr : &*at;
}

// Where an iterator by number begins.
Result<Sequence> SequenceOf(const IteratorRequest& request, const StreamShard& shard,
                            Timestamp horizon) {
  if (!request.sequence_number)
    return Fail(ErrorKind::kValidation,
                "SequenceNumber is required with ShardIteratorType AT_SEQUENCE_NUMBER and "
                "AFTER_SEQUENCE_NUMBER");
  const auto sequence = Sequence::Parse(*request.sequence_number);
  if (!sequence || *sequence < shard.first() || *sequence > shard.last())
    return Fail(ErrorKind::kValidation, "Invalid SequenceNumber: {} is not of shard {}",
                *request.sequence_number, shard.id);
  if (sequence->commit < horizon)
    return Fail(ErrorKind::kTrimmed, "The data you are trying to access has been trimmed");
  return request.type == IteratorType::kAtSequenceNumber ? sequence->Predecessor() : *sequence;
}

}  // namespace

Streams::Streams(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool)
    : catalog_(catalog), shards_(shards), pool_(pool), cache_(kCacheBytes) {}

Result<Streams::Found> Streams::Find(const Reader& reader, std::string_view arn) const {
  TM_TRY(const StreamName name, ParseStreamArn(arn));
  Found found;
  if (name.account == reader.account.value && name.region == reader.region.value) {
    found.shard = shards_.Find(reader.region);
    found.table = catalog_.FindTable(reader.account, reader.region, name.table);
    if (!found.table || !found.table->stream || found.table->stream->label != name.label)
      found.table = catalog_.FindFormerStream(arn);
  }
  if (!found.table || !found.shard) return NotFound(arn);
  TM_TRYV(catalog::CheckAccessible(*found.table));
  found.shards = ShardsOf(*found.table, found.shard->Now());
  if (found.shards.empty()) return NotFound(arn);
  return found;
}

Result<StreamPage> Streams::List(const Reader& reader, const ListRequest& request) const {
  if (request.start_after) TM_TRYV(ParseStreamArn(*request.start_after));
  StreamPage page;
  const auto* shard = shards_.Find(reader.region);
  if (!shard) return page;
  const Timestamp now = shard->Now();
  std::map<std::string, catalog::TablePtr> streams;
  const auto add = [&](const catalog::TablePtr& table) {
    if (table->account != reader.account || table->region != reader.region || !table->stream ||
        !IsReadable(*table->stream, now) || (request.table && table->name != *request.table))
      return;
    std::string arn = table->StreamArn();
    if (!request.start_after || arn > *request.start_after) streams.try_emplace(arn, table);
  };
  // A table's own record first: a stream that is being replaced stands in both.
  for (const auto& table : catalog_.AllTables()) add(table);
  for (const auto& table : catalog_.FormerStreams()) add(table);
  for (const auto& [arn, table] : streams) {
    page.more = page.streams.size() == request.limit;
    if (page.more) break;
    page.streams.push_back(table);
  }
  return page;
}

Result<StreamDescription> Streams::Describe(const Reader& reader,
                                            const DescribeRequest& request) const {
  TM_TRY(auto found, Find(reader, request.arn));
  StreamDescription description{.table = std::move(found.table)};
  for (StreamShard& shard : found.shards) {
    if (request.start_after && shard.id <= *request.start_after) continue;
    if (request.children_of && shard.parent != *request.children_of) continue;
    description.more = description.shards.size() == request.limit;
    if (description.more) break;
    description.shards.push_back(std::move(shard));
  }
  return description;
}

Result<std::string> Streams::MakeIterator(const Reader& reader, const IteratorRequest& request) {
  TM_TRY(const auto found, Find(reader, request.arn));
  const StreamShard* shard = FindShard(found.shards, request.shard);
  if (!shard) return ShardNotFound();
  const Timestamp now = found.shard->Now();
  const Timestamp horizon = now - kRetention;
  const bool by_number = request.type == IteratorType::kAtSequenceNumber ||
                         request.type == IteratorType::kAfterSequenceNumber;
  if (!by_number && request.sequence_number)
    return Fail(ErrorKind::kValidation,
                "SequenceNumber can only be given with ShardIteratorType AT_SEQUENCE_NUMBER and "
                "AFTER_SEQUENCE_NUMBER");
  ShardIterator iterator{.arn = request.arn, .shard = shard->number, .made = now, .after = {}};
  if (by_number) {
    TM_TRY(iterator.after, SequenceOf(request, *shard, horizon));
  } else if (request.type == IteratorType::kTrimHorizon) {
    iterator.after = Sequence::Before(std::max(shard->begin, horizon));
  } else {
    const auto settled = found.shard->SettledNow();
    // Behind the newest frame, wherever the next one will stand.
    iterator.at = settled.newest;
    ++iterator.at.offset;
    iterator.at.log_id = found.shard->log().log_id();
    iterator.after =
        std::max(Sequence{settled.time, Sequence::kIndexMax}, Sequence::Before(shard->begin));
  }
  return iterator.ToText();
}

Task<RecordPage> Streams::Read(Reader reader, std::string text, size_t limit) {
  TM_CO_TRY(auto iterator, ShardIterator::Parse(text));
  TM_CO_TRY(auto found, Find(reader, iterator.arn));
  const Timestamp now = found.shard->Now();
  if (iterator.made + kIteratorValid < now)
    co_return Fail(ErrorKind::kExpiredIterator, "Shard iterator has expired");
  const auto at = std::ranges::find(found.shards, iterator.shard, &StreamShard::number);
  if (at == found.shards.end()) co_return ShardNotFound();
  const ReadRequest request{.table = found.table,
                            .end = at->end,
                            // Whoever writes an iterator itself gets no further back either.
                            .after = std::max(iterator.after, Sequence::Before(at->begin)),
                            .at = iterator.at,
                            .records_max = limit};
  auto read = [&] { return ReadRecords(*found.shard, cache_, request, {}); };
  TM_CO_TRY(auto result, co_await runtime::Blocking(pool_, std::move(read)));
  RecordPage page{.table = std::move(found.table), .records = std::move(result.records)};
  if (!result.ended) {
    iterator.made = now;
    iterator.after = result.after;
    iterator.at = result.at;
    page.next = iterator.ToText();
  }
  co_return page;
}

std::optional<log::Position> Streams::Floor(const Region& region) const {
  auto* shard = shards_.Find(region);
  if (!shard) return log::Position{};  // it is being opened: all of it
  // Of the newest commit in the log: however the clock jumps, after a restart it is not before
  // that, and nobody is owed again what was dropped.
  const Timestamp now = shard->log().last_commit();
  std::optional<Timestamp> oldest;
  const auto need = [&](const catalog::TablePtr& table) {
    if (table->region != region || !table->stream || !IsReadable(*table->stream, now)) return;
    oldest = std::min(oldest.value_or(now), table->stream->enabled_at);
  };
  for (const auto& table : catalog_.AllTables()) need(table);
  for (const auto& table : catalog_.FormerStreams()) need(table);
  if (!oldest) return std::nullopt;
  return shard->log().PositionAt(std::max(*oldest, now - kRetention - kGrace));
}

void Streams::Maintain() {
  for (const auto& table : catalog_.FormerStreams()) {
    auto* shard = shards_.Find(table->region);
    if (!shard || IsReadable(*table->stream, shard->log().last_commit() - kGrace)) continue;
    if (auto erased = catalog_.EraseFormerStream(table->StreamArn()); !erased) {
      LogWarn("stream {} is not forgotten: {}", table->StreamArn(), erased.error().message);
    }
  }
}

}  // namespace tidemark::streams
