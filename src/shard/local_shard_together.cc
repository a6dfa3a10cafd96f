// Rows of the shard, several at once: one write of them, one moment of reading them.
//
// INVARIANT: latches are taken in LatchRow order, after everything else that is waited for, and all
// are let go together; so no two of these wait for each other.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "shard/local_shard.h"
#include "shard/not_found.h"
#include "shard/row_change.h"

namespace tidemark::shard {

struct LocalShard::Joined {
  Joined(TableHandle handle, Bytes row_key)
      : table(std::static_pointer_cast<OpenTable>(std::move(handle))),
        key(std::move(row_key)),
        latch_row(LatchRow(table->id(), key)) {}

  const std::optional<Bytes>& newest() const { return pending ? *pending : stored; }

  OpenTablePtr table;
  Bytes key;
  Bytes latch_row;
  TableUse use;
  PendingImage pending;
  bool read = false;  // `stored` is what the store holds
  std::optional<Bytes> stored;
};

Task<void> LocalShard::OpenAll(JoinedRows* rows) {
  for (Joined& row : *rows) {
    if (row.table->dropped) co_return Fail(NotFound());
    auto use = row.table->UseIfOpen();
    if (!use) {
      TM_CO_TRY(use, co_await Use(row.table));
    }
    row.use = std::move(*use);
    if (row.table->fenced()) co_return Fail(row.table->FencedError());
  }
  co_return Result<void>();
}

Task<void> LocalShard::LatchAll(JoinedRows* rows) {
  std::vector<Joined*> order;
  order.reserve(rows->size());
  for (Joined& row : *rows) order.push_back(&row);
  std::ranges::sort(order, {}, &Joined::latch_row);
  for (size_t i = 0; i < order.size(); ++i) {
    const Bytes& row = order[i]->latch_row;
    TM_ASSERT(i == 0 || order[i - 1]->latch_row != row);
    if (latches_.TryLock(row, &order[i]->pending)) continue;
    auto held = co_await runtime::Await<PendingImage>(
        [&](runtime::Completion<PendingImage> holder) { latches_.Wait(row, std::move(holder)); });
    if (!held) {
      for (size_t k = 0; k < i; ++k) latches_.Unlock(order[k]->latch_row);
      co_return Fail(std::move(held).error());
    }
    order[i]->pending = std::move(*held);
  }
  co_return Result<void>();
}

void LocalShard::UnlatchAll(const JoinedRows& rows) {
  for (const Joined& row : rows) latches_.Unlock(row.latch_row);
}

Task<void> LocalShard::ReadStored(JoinedRows* rows) {
  bool missed = false;
  for (Joined& row : *rows) {
    if (row.pending) continue;
    auto read = row.use.store->Get(row.key, /*cached_only=*/true);
    row.read = read.has_value();
    if (read) {
      row.stored = std::move(*read);
    } else if (read.error().kind == ErrorKind::kUnavailable) {
      missed = true;
    } else {
      co_return Fail(std::move(read).error());
    }
  }
  if (!missed) co_return Result<void>();
  co_return co_await runtime::Blocking(pool_, [rows]() -> Result<void> {
    for (Joined& row : *rows) {
      if (row.pending || row.read) continue;
      TM_TRY(row.stored, row.use.store->Get(row.key));
    }
    return {};
  });
}

Task<void> LocalShard::Settle(JoinedRows* rows, CommitQueue::Epoch epoch) {
  QueuedChange barrier;
  barrier.epoch = epoch;
  for (Joined& row : *rows) {
    if (std::exchange(row.pending, nullptr)) barrier.tables.push_back(row.use);
  }
  if (!barrier.tables.empty()) {
    auto gather = std::make_shared<Gather>(1);
    barrier.gather = gather;
    queue_.Push(std::move(barrier));
    TM_CO_TRYV(co_await runtime::Await<void>(
        [&](runtime::Completion<void> done) { gather->Await(std::move(done)); }));
    TM_CO_TRYV(std::move(gather->results[0]));
  }
  // One that refuses changes may lack its part of what others have.
  for (const Joined& row : *rows) {
    if (row.table->fenced()) co_return Fail(row.table->FencedError());
  }
  co_return Result<void>();
}

Task<Timestamp> LocalShard::WriteTogether(std::vector<WriteRequest> requests, Origin origin) {
  JoinedRows rows;
  rows.reserve(requests.size());
  for (WriteRequest& request : requests)
    rows.emplace_back(std::move(request.table), std::move(request.key));
  for (const Joined& row : rows) {
    if (!admission_.open()) TM_CO_TRYV(co_await admission_.Enter(row.table->id()));
  }
  TM_CO_TRYV(co_await OpenAll(&rows));

  auto gather = std::make_shared<Gather>(1);
  QueuedChange queued;
  queued.gather = gather;
  queued.epoch = queue_.epoch();
  queued.change.origin = std::move(origin);
  TM_CO_TRYV(co_await LatchAll(&rows));
  auto read = co_await ReadStored(&rows);
  if (read) QueueTogether(std::move(requests), &rows, std::move(queued));
  UnlatchAll(rows);
  TM_CO_TRYV(std::move(read));
  TM_CO_TRYV(co_await runtime::Await<void>(
      [&](runtime::Completion<void> done) { gather->Await(std::move(done)); }));
  co_return std::move(gather->results[0]);
}

void LocalShard::QueueTogether(std::vector<WriteRequest> requests, JoinedRows* rows,
                               QueuedChange queued) {
  std::vector<Mutation> mutations(rows->size());
  bool refused = false, effect = false;
  for (size_t i = 0; i < rows->size(); ++i) {
    const std::optional<Bytes>& old_row = (*rows)[i].newest();
    auto mutation = requests[i].evaluate(old_row);
    refused |= !mutation;
    if (!mutation || !HasEffect(*mutation, old_row)) continue;
    effect = true;
    mutations[i] = std::move(*mutation);
  }

  if (refused || !effect) {
    queued.outcome =
        refused ? Result<Timestamp>(Fail(ErrorKind::kTransactionCanceled, "a row was refused"))
                : Result<Timestamp>(queue_.LastApplied());
    for (Joined& row : *rows) {
      if (row.pending) queued.tables.push_back(std::move(row.use));
    }
    if (!queued.tables.empty()) {
      queue_.Push(std::move(queued));  // a barrier: the answer waits for what it rests on
    } else {
      queued.gather->Set(queued.slot, std::move(queued.outcome));
    }
    return;
  }

  queued.sequence = next_sequence_++;
  for (size_t i = 0; i < rows->size(); ++i) {
    if (mutations[i].kind == Mutation::Kind::kNothing) continue;
    Joined& row = (*rows)[i];
    const bool keeps_row = mutations[i].kind == Mutation::Kind::kKeep;
    const auto& change = queued.change.tables.emplace_back(
        MakeChange(*row.table, std::move(row.key), row.newest(), std::move(mutations[i])));
    QueuedChange::Row changed{row.latch_row, std::make_shared<const std::optional<Bytes>>(
                                                 keeps_row ? row.newest() : change.rows[0].value)};
    queued.tables.push_back(std::move(row.use));
    if (!queued.row.image) {
      queued.row = std::move(changed);
    } else {
      queued.more_rows.push_back(std::move(changed));
    }
  }
  queue_.Push(std::move(queued));
}

Task<std::vector<std::optional<Bytes>>> LocalShard::GetTogether(std::vector<RowRef> refs) {
  JoinedRows rows;
  rows.reserve(refs.size());
  for (RowRef& ref : refs) rows.emplace_back(std::move(ref.table), std::move(ref.key));
  TM_CO_TRYV(co_await OpenAll(&rows));
  const auto epoch = queue_.epoch();
  TM_CO_TRYV(co_await LatchAll(&rows));
  auto done = co_await Settle(&rows, epoch);
  if (done) done = co_await ReadStored(&rows);
  UnlatchAll(rows);
  TM_CO_TRYV(std::move(done));
  std::vector<std::optional<Bytes>> values;
  values.reserve(rows.size());
  for (Joined& row : rows) values.push_back(std::move(row.stored));
  co_return values;
}

}  // namespace tidemark::shard
