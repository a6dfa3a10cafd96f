#include "table/collection_limit.h"

#include <algorithm>
#include <utility>

#include "item/row_key.h"
#include "table/item_collections.h"

namespace tidemark::table {
namespace {

constexpr size_t kFollowedMax = 1000;  // of one table
// How far below the bound a table's totals, which are of applied state, still say that all is well:
// more than what waits to be applied and a transaction with five indexes come to.
constexpr uint64_t kHeadroomBytes = 64 << 20;

int64_t GrowthOf(const catalog::TableRecord& table, const shard::Mutation& mutation) {
  auto bytes = static_cast<int64_t>(mutation.new_size) - static_cast<int64_t>(mutation.old_size);
  for (const auto& delta : mutation.indexes) {
    const auto local = [&](const catalog::IndexRecord& index) {
      return index.local && index.definition.number == delta.index;
    };
    if (std::ranges::any_of(table.indexes, local)) bytes += delta.bytes;
  }
  return bytes;
}

Result<item::AttributeValue> PartitionOf(const catalog::TableRecord& table, BytesView row) {
  TM_TRY(const auto key, item::KeyFromRow(table.keys, row));
  return *key.Find(table.keys.partition.name);
}

}  // namespace

CollectionGrowth& CollectionGrowth::operator=(CollectionGrowth&& other) noexcept {
  std::swap(collection_, other.collection_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

CollectionGrowth::~CollectionGrowth() {
  if (collection_) collection_->bytes -= bytes_;
}

Result<shard::Mutation> CollectionGrowth::Count(const catalog::TableRecord& table,
                                                Result<shard::Mutation> evaluated) {
  if (!collection_ || !evaluated) return evaluated;
  const int64_t growth = GrowthOf(table, *evaluated);
  int64_t before = collection_->bytes;
  do {
    if (growth > 0 && before + growth > collection_->bytes_max)
      return Fail(ErrorKind::kItemCollectionTooLarge, "Collection size exceeded.");
  } while (!collection_->bytes.compare_exchange_weak(before, before + growth));
  bytes_ += growth;
  return evaluated;
}

bool CollectionLimit::Concerns(const OpenTable& table) {
  if (!HasCollections(*table.record)) return false;
  const auto totals = table.handle->TotalsIfKnown();
  if (!totals) return true;  // not opened yet
  uint64_t bytes = totals->bytes;
  for (const auto& index : table.record->indexes) {
    if (index.local) bytes += totals->OfIndex(index.definition.number).bytes;
  }
  if (bytes + kHeadroomBytes > bytes_max_) return true;
  return any_ && GoesOn(table.record->id, bytes);
}

bool CollectionLimit::GoesOn(TableId table, uint64_t bytes) {
  // WHY not at once below the headroom: a table that goes up and down there would have its
  // collections measured again and again.
  std::lock_guard lock(mutex_);
  if (bytes + 2 * kHeadroomBytes > bytes_max_) return tables_.contains(table);
  tables_.erase(table);
  any_ = !tables_.empty();
  return false;
}

Task<CollectionGrowth> CollectionLimit::Follow(OpenTable table, Bytes row, bool may_grow) {
  if (!may_grow) co_return Known(*table.record, row);
  TM_CO_TRY(const auto store, co_await table.shard->Store(table.handle));
  if (!Concerns(table)) co_return CollectionGrowth();
  TM_CO_TRY(const auto partition, PartitionOf(*table.record, row));
  const Place place{.table = table.record->id,
                    .prefix = item::PartitionPrefix(item::kPrimaryIndex, partition)};
  const Found found = FindOrAdd(place);
  if (found.is_new) {
    // WHY not into the cache: its blocks would push out those that point reads live from.
    auto measure = [&] {
      return CollectionBytes(*store, *table.record, partition, /*fill_cache=*/false);
    };
    auto bytes = co_await runtime::Blocking(pool_, std::move(measure));
    TM_CO_TRYV(Settle(place, *found.collection, std::move(bytes)));
  } else {
    TM_CO_TRYV(co_await runtime::Await<void>([&](runtime::Completion<void> done) {
      AwaitMeasured(*found.collection, std::move(done));
    }));
  }
  co_return CollectionGrowth(found.collection);
}

CollectionGrowth CollectionLimit::Known(const catalog::TableRecord& table, BytesView row) {
  std::lock_guard lock(mutex_);
  const auto followed = tables_.find(table.id);
  if (followed == tables_.end()) return {};
  const auto partition = PartitionOf(table, row);
  if (!partition) return {};
  const auto at = followed->second.find(item::PartitionPrefix(item::kPrimaryIndex, *partition));
  return at == followed->second.end() ? CollectionGrowth() : CollectionGrowth(at->second);
}

void CollectionLimit::Forget(TableId table) {
  std::lock_guard lock(mutex_);
  tables_.erase(table);
  any_ = !tables_.empty();
}

CollectionLimit::Found CollectionLimit::FindOrAdd(const Place& place) {
  std::lock_guard lock(mutex_);
  any_ = true;
  FollowedCollectionPtr& collection = tables_[place.table][place.prefix];
  if (collection) return {.collection = collection};
  collection = std::make_shared<FollowedCollection>(bytes_max_);
  return {.collection = collection, .is_new = true};
}

void CollectionLimit::AwaitMeasured(FollowedCollection& collection,
                                    runtime::Completion<void> done) {
  std::lock_guard lock(mutex_);
  if (collection.measured) return done.Post(*collection.measured);
  collection.waiting.push_back(std::move(done));
}

Result<void> CollectionLimit::Settle(const Place& place, FollowedCollection& collection,
                                     Result<uint64_t> bytes) {
  std::unique_lock lock(mutex_);
  Result<void> measured;
  if (bytes) {
    collection.bytes += static_cast<int64_t>(*bytes);
  } else {
    measured = Fail(std::move(bytes).error());
  }
  collection.measured = measured;
  auto waiting = std::move(collection.waiting);

  if (const auto table = tables_.find(place.table); table != tables_.end()) {
    Collections& kept = table->second;
    const auto at = kept.find(place.prefix);
    if (!measured && at != kept.end() && at->second.get() == &collection) kept.erase(at);
    if (kept.size() > kFollowedMax) {
      // Those being measured are looked for by others, and count as the largest.
      kept.erase(std::ranges::min_element(kept, {}, [](const auto& entry) {
        const FollowedCollection& one = *entry.second;
        return one.measured ? one.bytes.load() : INT64_MAX;
      }));
    }
  }
  lock.unlock();
  for (auto& done : waiting) done.Post(measured);
  return measured;
}

}  // namespace tidemark::table
