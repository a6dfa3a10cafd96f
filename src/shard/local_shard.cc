#include "shard/local_shard.h"

#include <future>

#include "base/log.h"
#include "item/set_hash.h"

namespace tidemark::shard {
namespace {

Error NotFound() { return MakeError(ErrorKind::kResourceNotFound, "Requested resource not found"); }

// The change that `mutation` makes of a row, with what it does to the table's totals.
TableChange MakeChange(TableId table, Bytes key, const std::optional<Bytes>& old_row,
                       Mutation mutation) {
  TableChange change;
  change.table = table;
  change.replaced_bytes = mutation.old_size;
  change.delta.bytes = -static_cast<int64_t>(mutation.old_size);
  if (old_row) {
    change.delta.items = -1;
    change.delta.removed = item::HashRow(key, *old_row);
  }
  RowImage row;
  if (mutation.kind == Mutation::Kind::kPut) {
    change.delta.items += 1;
    change.delta.bytes += static_cast<int64_t>(mutation.new_size);
    change.delta.added = item::HashRow(key, mutation.value);
    row.value = std::move(mutation.value);
  }
  row.key = std::move(key);
  change.rows.push_back(std::move(row));
  for (RowImage& index_row : mutation.index_rows) change.rows.push_back(std::move(index_row));
  return change;
}

}  // namespace

Task<std::optional<Bytes>> LocalShard::Get(TableHandle table, Bytes key) {
  auto cached = table->store().Get(key, /*cached_only=*/true);
  if (cached || cached.error().kind != ErrorKind::kUnavailable) co_return cached;
  co_return co_await runtime::Blocking(pool_, [&] { return table->store().Get(key); });
}

Task<Timestamp> LocalShard::Write(WriteRequest request, Origin origin) {
  auto gather = std::make_shared<Gather>(1);
  co_await Submit(std::move(request), origin, gather, 0);
  TM_CO_TRYV(co_await runtime::Await<void>(
      [&](runtime::Completion<void> done) { gather->Await(std::move(done)); }));
  co_return std::move(gather->results[0]);
}

Task<std::vector<Result<Timestamp>>> LocalShard::WriteAll(std::vector<WriteRequest> requests,
                                                          Origin origin) {
  auto gather = std::make_shared<Gather>(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    co_await Submit(std::move(requests[i]), origin, gather, i);
  }
  TM_CO_TRYV(co_await runtime::Await<void>(
      [&](runtime::Completion<void> done) { gather->Await(std::move(done)); }));
  co_return std::move(gather->results);
}

asio::awaitable<void> LocalShard::Submit(WriteRequest request, const Origin& origin,
                                         std::shared_ptr<Gather> gather, size_t slot) {
  auto table = std::static_pointer_cast<OpenTable>(request.table);
  if (table->dropped) {
    gather->Set(slot, Fail(NotFound()));
    co_return;
  }
  if (table->fenced()) {
    gather->Set(slot, Fail(ErrorKind::kIo, "table {} takes no writes until a restart (see the log)",
                           table->id().ToString()));
    co_return;
  }
  Bytes latch_row(table->id().AsBytes());
  latch_row += request.key;

  PendingImage pending;
  if (!latches_.TryLock(latch_row, &pending)) {
    auto held =
        co_await runtime::Await<PendingImage>([&](runtime::Completion<PendingImage> holder) {
          latches_.Wait(latch_row, std::move(holder));
        });
    if (!held) {
      gather->Set(slot, Fail(held.error()));
      co_return;
    }
    pending = std::move(*held);
  }

  std::optional<Bytes> from_store;
  if (!pending) {
    // Most rows are in memory: no coroutine of its own for them.
    auto read = table->store().Get(request.key, /*cached_only=*/true);
    if (!read && read.error().kind == ErrorKind::kUnavailable) {
      read = co_await runtime::Blocking(pool_, [&] { return table->store().Get(request.key); });
    }
    if (!read) {
      latches_.Unlock(latch_row);
      gather->Set(slot, Fail(read.error()));
      co_return;
    }
    from_store = std::move(*read);
  }
  const std::optional<Bytes>& old_row = pending ? *pending : from_store;

  QueuedChange queued;
  queued.gather = gather;
  queued.slot = slot;
  auto mutation = request.evaluate(old_row);
  if (!mutation || mutation->kind == Mutation::Kind::kNothing ||
      (mutation->kind == Mutation::Kind::kDelete && !old_row && mutation->index_rows.empty())) {
    latches_.Unlock(latch_row);
    queued.outcome = mutation ? Result<Timestamp>(queue_.LastApplied()) : Fail(mutation.error());
    if (pending) {
      queued.tables.push_back(std::move(table));
      queue_.Push(std::move(queued));  // a barrier: the answer waits for what it rests on
    } else {
      gather->Set(slot, std::move(queued.outcome));
    }
    co_return;
  }

  queued.change.origin = origin;
  queued.change.tables.push_back(
      MakeChange(table->id(), std::move(request.key), old_row, std::move(*mutation)));
  queued.sequence = next_sequence_++;
  latches_.Publish(
      latch_row, queued.sequence,
      std::make_shared<const std::optional<Bytes>>(queued.change.tables[0].rows[0].value));
  queued.tables.push_back(std::move(table));
  queued.latch_row = latch_row;
  queue_.Push(std::move(queued));
  latches_.Unlock(latch_row);
}

Result<Timestamp> LocalShard::Control(TableId table, const std::string& control,
                                      std::function<Result<void>(const Applied&)> act) {
  std::promise<Result<Timestamp>> promise;
  auto future = promise.get_future();
  QueuedChange queued;
  queued.change.kind = ChangeKind::kControl;
  queued.change.control = control;
  TableChange change;
  change.table = table;
  if (auto open = FindOpen(table)) {
    queued.change.tables.push_back(std::move(change));
    queued.tables.push_back(std::move(open));
  }
  queued.done = [&promise](Result<Timestamp> result) { promise.set_value(std::move(result)); };
  queued.act = std::move(act);
  queue_.Push(std::move(queued));
  return future.get();
}

Result<Timestamp> LocalShard::LogControl(TableId id, const std::string& control) {
  return Control(id, control, nullptr);
}

Result<PinResult> LocalShard::Pin(TableId id, const std::string& directory,
                                  const std::string& control) {
  auto table = FindOpen(id);
  if (!table) return Fail(NotFound());
  PinResult result;
  auto pinned = Control(id, control, [&](const Applied& at) -> Result<void> {
    // Asked before the files are linked: a flush in between only makes them hold more.
    result.replay_from = table->OldestNeeded().value_or(at.position);
    TM_TRY(auto files, table->mutable_store().Pin(directory));
    result.as_of = at.commit_time;
    result.position = at.position;
    result.file_bytes = files.bytes;
    // Not those applied: a store that refuses changes is behind the log, and the log completes the
    // image.
    result.totals = at.totals;
    return {};
  });
  if (!pinned) return Fail(WithContext(pinned.error(), "pinning table {}", id.ToString()));
  return result;
}

}  // namespace tidemark::shard
