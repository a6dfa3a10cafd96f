// The bound on item collections (item_collections.h): a write that makes one larger than 10 GiB is
// refused, one that does not make it grow is not.
//
// While a table and its local indexes are below the bound as a whole, none of its collections can
// be beyond it, and a write costs one comparison. After that a collection is measured, once, before
// the first write that may make it grow is queued; then what its writes evaluate to moves the size.
// Of each table the largest collections measured are kept in memory: they take longest to measure.
//
// Sizes are near, not exact: a write under way while a measurement begins may be counted twice or
// not at all. A restart measures again.
//
// One object serves all requests; what it borrows must outlive it. Threads: any; quick, but that
// Follow may wait for the pool.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/table_record.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "shard/shard.h"
#include "table/open_table.h"

namespace tidemark::table {

inline constexpr uint64_t kCollectionBytesMax = 10ull << 30;

// A collection whose size is followed.
struct FollowedCollection {
  explicit FollowedCollection(uint64_t most) : bytes_max(static_cast<int64_t>(most)) {}

  const int64_t bytes_max;
  // While it is being measured: by how much writes have moved it since.
  std::atomic<int64_t> bytes{0};
  // Under CollectionLimit's mutex.
  std::optional<Result<void>> measured;  // none: not yet
  std::vector<runtime::Completion<void>> waiting;
};
using FollowedCollectionPtr = std::shared_ptr<FollowedCollection>;  // by the limit and by writes

// What one write does to its collection: counted when it is evaluated, taken back when this goes,
// unless the write was done.
class CollectionGrowth {
 public:
  CollectionGrowth() = default;  // of a collection that is not followed: any write may pass
  explicit CollectionGrowth(FollowedCollectionPtr collection)
      : collection_(std::move(collection)) {}
  CollectionGrowth(CollectionGrowth&& other) noexcept { *this = std::move(other); }
  CollectionGrowth& operator=(CollectionGrowth&& other) noexcept;
  ~CollectionGrowth();

  // Passes on what the write came to. Under the row's latch. Errors: kItemCollectionTooLarge
  // (nothing is counted), the evaluation's own.
  Result<shard::Mutation> Count(const catalog::TableRecord& table,
                                Result<shard::Mutation> evaluated);
  void Keep() { bytes_ = 0; }  // the write is done

 private:
  FollowedCollectionPtr collection_;
  int64_t bytes_ = 0;  // counted
};

class CollectionLimit {
 public:
  explicit CollectionLimit(runtime::BlockingPool& pool, uint64_t bytes_max = kCollectionBytesMax)
      : pool_(pool), bytes_max_(bytes_max) {}

  // Whether a collection of the table may be near the bound: then its writes are to be followed.
  bool Concerns(const OpenTable& table);
  // For a write of a primary row, before it is queued. `may_grow`: a write that can make the item
  // larger; for others nothing is measured. Errors: those of reading the table.
  Task<CollectionGrowth> Follow(OpenTable table, Bytes row, bool may_grow);
  // The same for a write that cannot make the item larger.
  CollectionGrowth Known(const catalog::TableRecord& table, BytesView row);
  // The table is gone.
  void Forget(TableId table);

 private:
  // By the prefix of the partition's primary rows.
  using Collections = std::map<Bytes, FollowedCollectionPtr, std::less<>>;
  struct Place {
    TableId table;
    Bytes prefix;
  };
  struct Found {
    FollowedCollectionPtr collection;
    bool is_new = false;  // whoever asked has to measure it
  };

  // Whether collections of a table that adds up to `bytes` are followed still.
  bool GoesOn(TableId table, uint64_t bytes);
  Found FindOrAdd(const Place& place);
  void AwaitMeasured(FollowedCollection& collection, runtime::Completion<void> done);
  // Takes what a measurement has found, and resumes those who wait for it.
  Result<void> Settle(const Place& place, FollowedCollection& collection, Result<uint64_t> bytes);

  runtime::BlockingPool& pool_;
  const uint64_t bytes_max_;
  std::mutex mutex_;
  std::unordered_map<TableId, Collections> tables_;
  std::atomic<bool> any_{false};  // of these
};

}  // namespace tidemark::table
