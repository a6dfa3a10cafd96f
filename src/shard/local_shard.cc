// Rows of the shard: reading them, and a write from its latch to the queue. Several rows at once:
// local_shard_together.cc.
#include "shard/local_shard.h"

#include "shard/not_found.h"
#include "shard/row_change.h"

namespace tidemark::shard {
Task<StorePtr> LocalShard::Store(TableHandle table) {
  if (auto store = table->StoreIfOpen()) co_return store;
  auto& closed = static_cast<OpenTable&>(*table);
  TM_CO_TRYV(co_await runtime::Await<void>(
      [&](runtime::Completion<void> done) { closed.OpenSoon(std::move(done)); }));
  if (auto store = table->StoreIfOpen()) co_return store;
  // Closed or dropped meanwhile.
  co_return co_await runtime::Blocking(pool_, [&] { return table->OpenStore(); });
}

Task<TableUse> LocalShard::Use(OpenTablePtr table) {
  if (auto use = table->UseIfOpen()) co_return *std::move(use);
  TM_CO_TRYV(co_await runtime::Await<void>(
      [&](runtime::Completion<void> done) { table->OpenSoon(std::move(done)); }));
  if (auto use = table->UseIfOpen()) co_return *std::move(use);
  co_return co_await runtime::Blocking(pool_, [&] { return table->Use(); });
}

Task<std::optional<Bytes>> LocalShard::Get(TableHandle table, Bytes key) {
  StorePtr store = table->StoreIfOpen();
  if (!store) {
    TM_CO_TRY(store, co_await Store(std::move(table)));
  }
  auto cached = store->Get(key, /*cached_only=*/true);
  if (cached || cached.error().kind != ErrorKind::kUnavailable) co_return cached;
  co_return co_await runtime::Blocking(pool_, [&] { return store->Get(key); });
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
  auto table = std::static_pointer_cast<OpenTable>(std::move(request.table));
  if (table->dropped) {
    gather->Set(slot, Fail(NotFound()));
    co_return;
  }
  if (!admission_.open()) {
    auto entered = co_await admission_.Enter(table->id());
    if (!entered) {
      gather->Set(slot, Fail(std::move(entered).error()));
      co_return;
    }
  }
  // From here to the end of the change the table stays open.
  auto use = table->UseIfOpen();
  if (!use) {
    auto opened = co_await Use(table);
    if (!opened) {
      gather->Set(slot, Fail(std::move(opened).error()));
      co_return;
    }
    use = std::move(*opened);
  }
  if (table->fenced()) {
    gather->Set(slot, Fail(table->FencedError()));
    co_return;
  }
  const Bytes latch_row = LatchRow(table->id(), request.key);

  QueuedChange queued;
  queued.gather = gather;
  queued.slot = slot;
  queued.epoch = queue_.epoch();

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
    auto read = use->store->Get(request.key, /*cached_only=*/true);
    if (!read && read.error().kind == ErrorKind::kUnavailable) {
      read = co_await runtime::Blocking(pool_, [&] { return use->store->Get(request.key); });
    }
    if (!read) {
      latches_.Unlock(latch_row);
      gather->Set(slot, Fail(read.error()));
      co_return;
    }
    from_store = std::move(*read);
  }
  const std::optional<Bytes>& old_row = pending ? *pending : from_store;

  auto mutation = request.evaluate(old_row);
  if (!mutation || !HasEffect(*mutation, old_row)) {
    latches_.Unlock(latch_row);
    queued.outcome = mutation ? Result<Timestamp>(queue_.LastApplied()) : Fail(mutation.error());
    if (pending) {
      queued.tables.push_back(*std::move(use));
      queue_.Push(std::move(queued));  // a barrier: the answer waits for what it rests on
    } else {
      gather->Set(slot, std::move(queued.outcome));
    }
    co_return;
  }

  queued.change.origin = origin;
  const bool keeps_row = mutation->kind == Mutation::Kind::kKeep;
  queued.change.tables.push_back(
      MakeChange(*table, std::move(request.key), old_row, std::move(*mutation)));
  queued.sequence = next_sequence_++;
  queued.row = {latch_row, std::make_shared<const std::optional<Bytes>>(
                               keeps_row ? old_row : queued.change.tables[0].rows[0].value)};
  queued.tables.push_back(*std::move(use));
  queue_.Push(std::move(queued));
  latches_.Unlock(latch_row);
}

}  // namespace tidemark::shard
