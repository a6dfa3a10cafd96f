// What the catalog knows of a restore of items into a live table: a job, and its report once it has
// ended. A value.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "item/row_key.h"

namespace tidemark::catalog {

enum class ItemRestoreStatus { kRunning, kCompleted, kFailed };
std::string_view ToString(ItemRestoreStatus status);  // "RUNNING", ...

// How a row at the later instant differs from what it was at the earlier one.
enum class Difference { kRemoved, kChanged, kAdded };
std::string_view ToString(Difference kind);  // "REMOVED", ...

// Something for each kind of difference.
template <class T>
struct PerDifference {
  T removed{}, changed{}, added{};
  T& Of(Difference kind) {
    return kind == Difference::kRemoved ? removed : kind == Difference::kChanged ? changed : added;
  }
  const T& Of(Difference kind) const { return const_cast<PerDifference&>(*this).Of(kind); }
  bool operator==(const PerDifference&) const = default;
};
using DifferenceCounts = PerDifference<uint64_t>;

// A row that was selected and is not as it was at `from`.
struct ItemLeft {
  Bytes row;
  Difference kind = Difference::kRemoved;
  std::string refusal;  // why the table does not take the item; empty: it was changed after `until`
  bool operator==(const ItemLeft&) const = default;
};

// What was asked for. Two requests under one token must agree in it.
struct ItemSelection {
  TableId table;
  Timestamp from{};        // as asked for; of a backup not given
  std::string backup_arn;  // what is brought back is what this has; empty: what was at `from`
  std::optional<Timestamp> until;  // the same; none: when the job began
  PerDifference<bool> kinds;       // which are brought back
  Bytes partition;                 // what the rows of the partition begin with; empty: of all
  std::vector<Bytes> rows;         // keys, in order; empty: those of `partition`
  bool dry_run = false;            // only tells what it would do
  bool rewind = false;             // of the whole table, by its own right
  // Only rows whose last change up to `until` is this job's: its writes are taken back.
  std::optional<ItemRestoreId> undo_of;
  bool operator==(const ItemSelection&) const = default;
};

struct ItemRestoreRecord {
  ItemRestoreId id;  // also the request id of its writes
  AccountId account;
  Region region;
  std::string table_name;
  item::KeySchema keys;    // to name rows after the table is gone
  std::string access_key;  // of who asked
  std::string token;       // the request's; empty: none
  ItemSelection selection;
  Timestamp created{};
  // What is brought back is what differs between them; of a backup, `from` is its instant.
  Timestamp from{}, until{};

  ItemRestoreStatus status = ItemRestoreStatus::kRunning;
  std::string failure;  // why it FAILED
  Timestamp ended{};    // zero: not yet
  // Rows before this one are done with, and counted; empty: none are. For resuming.
  Bytes next;

  DifferenceCounts restored;      // rows written; in a dry run, to be written
  DifferenceCounts not_selected;  // of other kinds
  uint64_t already = 0;           // were as at `from` before the job came to them
  uint64_t conflicts = 0;         // changed after `until`: left alone
  uint64_t refused = 0;           // that the table does not take any more: left alone
  std::vector<ItemLeft> left;     // the first of both
  bool operator==(const ItemRestoreRecord&) const = default;

  // Rows it wrote or, in a dry run, would write.
  uint64_t written() const { return restored.removed + restored.changed + restored.added; }
  uint64_t examined() const {
    return written() + not_selected.removed + not_selected.changed + not_selected.added + already +
           conflicts + refused;
  }
};

std::string EncodeItemRestoreRecord(const ItemRestoreRecord& record);
Result<ItemRestoreRecord> DecodeItemRestoreRecord(std::string_view json);

}  // namespace tidemark::catalog
