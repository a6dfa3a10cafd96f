// Who may write a row now, and the newest image of rows whose changes are queued but not yet
// applied.
//
// A writer holds a row's latch while it reads the old image and evaluates; it lets go when its
// change is queued, so a hot row is not bound to one write per sync. The next writer then finds the
// queued image here. A write or read of several rows holds all their latches at once.
//
// Threads: any. INVARIANT: changes of one row are queued in the order in which its latch was held.
#pragma once
#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/ids.h"
#include "runtime/completion.h"

namespace tidemark::shard {

using PendingImage = std::shared_ptr<const std::optional<Bytes>>;

// How a row of a table is named here. Whoever takes several latches takes them in this order.
inline Bytes LatchRow(TableId table, BytesView key) {
  Bytes row(table.AsBytes());
  row += key;
  return row;
}

class RowLatches {
 public:
  // Takes the latch if it is free and gives true, with the row's pending image (null: none, read
  // the store).
  bool TryLock(const Bytes& row, PendingImage* pending);
  // Waits in line for the latch; resumed as its holder.
  void Wait(const Bytes& row, runtime::Completion<PendingImage> holder);

  // Hands the latch on. With `image`, the row's pending image becomes it, as of change number
  // `sequence`.
  void Unlock(const Bytes& row);
  void Publish(const Bytes& row, uint64_t sequence, PendingImage image);

  // Change number `sequence` is applied (or has failed): the store knows as much as the pending
  // image of that number.
  void Applied(const Bytes& row, uint64_t sequence);

 private:
  struct Row {
    bool latched = false;
    uint64_t sequence = 0;
    PendingImage image;
    std::deque<runtime::Completion<PendingImage>> waiting;
  };
  struct Stripe {
    std::mutex mutex;
    std::unordered_map<Bytes, Row> rows;
  };

  Stripe& StripeOf(const Bytes& row) { return stripes_[std::hash<Bytes>()(row) % stripes_.size()]; }
  static void EraseIfIdle(Stripe& stripe, std::unordered_map<Bytes, Row>::iterator at);

  std::array<Stripe, 64> stripes_;
};

}  // namespace tidemark::shard
