// The prices that hold: a book, and what the operator has set since.
//
// Rows: <day>/<kind>/<region>. So setting the same again is setting it once.
//
// Threads: any. What changes them blocks (it waits for the system shard), and is durable on return.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "catalog/system_rows.h"
#include "metering/prices.h"

namespace tidemark::metering {

class PriceEdits {
 public:
  // Makes the system table at the first start. A book that is fixed (it is the operator's own file)
  // takes no edits, and none that there are hold. kCorruption.
  static Result<std::unique_ptr<PriceEdits>> Open(shard::Shard& system, asio::io_context& context,
                                                  PriceBook book, bool is_fixed);

  Result<void> Settle() { return rows_.Settle(); }  // as catalog::SystemRows::Settle

  PriceBookPtr book() const;             // as it holds now
  std::vector<PriceEdit> edits() const;  // in order of their days
  bool is_fixed() const { return is_fixed_; }

  // From a day on, today at the earliest: what is past keeps its prices. kValidation: which is
  // wrong, or there are too many, or the book is fixed.
  Result<void> Set(std::vector<PriceEdit> edits, Timestamp now);
  // From `day` on the book's own prices again, of a kind and a Region if they are given.
  // kValidation, likewise; also: nothing of that is set.
  Result<void> Reset(const std::string& day, std::optional<Kind> kind,
                     const std::optional<Region>& region, Timestamp now);

 private:
  PriceEdits(catalog::SystemRows rows, PriceBook book, bool is_fixed)
      : rows_(std::move(rows)), base_(std::move(book)), is_fixed_(is_fixed) {}
  Result<void> Load();
  void Hold(std::vector<PriceEdit> edits);

  const catalog::SystemRows rows_;
  const PriceBook base_;
  const bool is_fixed_;
  std::mutex writing_;        // one change at a time, held over its sync
  mutable std::mutex mutex_;  // of what follows
  std::vector<PriceEdit> edits_;
  PriceBookPtr book_;
};

}  // namespace tidemark::metering
