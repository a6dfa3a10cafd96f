#include "faults/stream_reading.h"

#include "streams/iterator.h"

namespace tidemark::faults {
namespace {

using Changes = std::map<Bytes, std::vector<RowHistory::Shown>>;

// Takes up one record behind those before it.
Result<void> Take(const streams::Record& record, streams::Sequence* newest, Changes* changes) {
  const streams::Change& change = *record.change;
  if (change.sequence <= *newest)
    return Fail(ErrorKind::kCorruption, "a record is behind a newer one");
  *newest = change.sequence;
  auto& shown = (*changes)[change.key];
  const auto old = RowHistory::Of(change.key, change.old);
  if (!shown.empty() && shown.back().content != old)
    return Fail(ErrorKind::kCorruption, "an old image is not what the record before it left");
  const auto event = !change.old   ? streams::Event::kInsert
                     : !change.now ? streams::Event::kRemove
                                   : streams::Event::kModify;
  if (change.event != event || record.show_new != change.now.has_value() ||
      record.show_old != change.old.has_value())
    return Fail(ErrorKind::kCorruption, "a record's event is not that of its images");
  shown.push_back({RowHistory::Of(change.key, change.now), change.sequence.commit});
  return {};
}

// Whether everything up to `time` was read.
bool IsBehind(const std::string& iterator, Timestamp time) {
  const auto parsed = streams::ShardIterator::Parse(iterator);
  return parsed && parsed->after.commit >= time;
}

}  // namespace

Result<Changes> ReadStream(Storage& storage, const catalog::TableRecord& table) {
  const streams::Reader reader{table.account, table.region};
  TM_TRY(const auto described, storage.streams->Describe(reader, {.arn = table.StreamArn()}));
  const Timestamp now = storage.regions->Find(table.region)->Now();
  Changes changes;
  streams::Sequence newest;
  for (const streams::StreamShard& shard : described.shards) {
    TM_TRY(auto made,
           storage.streams->MakeIterator(reader, {.arn = table.StreamArn(),
                                                  .shard = shard.id,
                                                  .type = streams::IteratorType::kTrimHorizon,
                                                  .sequence_number = std::nullopt}));
    for (std::optional<std::string> iterator = std::move(made); iterator;) {
      TM_TRY(auto page, runtime::RunBlocking(storage.threads.context(0),
                                             storage.streams->Read(reader, *iterator, 1000)));
      for (const auto& record : page.records) TM_TRYV(Take(record, &newest, &changes));
      if (page.next && IsBehind(*page.next, now)) break;  // an open shard has no end
      iterator = std::move(page.next);
    }
  }
  return changes;
}

}  // namespace tidemark::faults
