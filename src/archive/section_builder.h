// Collects one table's changes from the log, in commit order, and gives its row versions sorted.
// Sorts in pieces while it collects, so that no step of it takes long.
#pragma once
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "archive/activity.h"
#include "archive/byte_arena.h"
#include "archive/section_format.h"
#include "shard/change.h"

namespace tidemark::archive {

class SectionBuilder {
 public:
  // The change of a later call has a later commit time. `table` of it has one row at least.
  void AddWrite(const shard::ChangeView& change, const shard::TableView& table);
  void AddControl(const shard::ChangeView& change);

  bool empty() const { return !first_commit_; }
  uint64_t raw_bytes() const { return raw_bytes_; }
  size_t memory_bytes() const {
    return memory_bytes_ + keys_.memory_bytes() + values_.memory_bytes();
  }
  size_t versions() const { return versions_.size(); }
  Timestamp first_commit() const { return *first_commit_; }
  Timestamp last_commit() const { return last_commit_; }

  const std::vector<TotalsEntry>& totals() const { return totals_; }
  // Everything of the section's meta part but its blocks and filter.
  SectionMeta Meta() const;

 private:
  friend class SortedVersions;

  // A row's place in the order. The key's first bytes decide nearly every comparison.
  struct Place {
    uint64_t prefix = 0;
    uint32_t row = 0;
  };
  uint32_t Note(const shard::ChangeView& change);
  bool Before(const Place& a, const Place& b) const;
  void SortPiece(std::span<Place> piece) const;

  // Keys by themselves, as sorting goes back and forth between them.
  ByteArena keys_;
  ByteArena values_;  // and each request's id before its rows' values
  std::vector<Version> versions_;
  std::vector<Place> places_;  // of versions_; each full piece is sorted
  std::vector<TotalsEntry> totals_;
  std::vector<Bytes> access_keys_;
  std::unordered_map<Bytes, uint32_t> access_key_numbers_;
  uint32_t last_who_ = 0;
  Activity activity_;
  std::vector<ControlAct> controls_;
  std::optional<Timestamp> first_commit_;
  Timestamp last_commit_{};
  uint64_t raw_bytes_ = 0;
  size_t memory_bytes_ = 0;  // without the arenas
};

// The row versions of a section by (key ascending, commit time descending).
class SortedVersions {
 public:
  explicit SortedVersions(const SectionBuilder& section);  // must outlive this, unchanged

  // Holds as long as the section. Null at the end.
  const Version* Next();

 private:
  using Piece = std::span<const SectionBuilder::Place>;

  bool Behind(Piece a, Piece b) const;
  void FetchAhead(Piece piece) const;

  const SectionBuilder& section_;
  std::vector<SectionBuilder::Place> last_piece_;
  std::vector<Piece> pieces_;  // what is left of each: a heap, the first one first
};

}  // namespace tidemark::archive
