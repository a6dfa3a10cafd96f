// What entries of the ledger cost, in groups. Pure.
//
// The smallest unit is an entry's part of one day (UTC), rounded to the billionth of a dollar;
// everything else is a sum of such parts, so that groupings of any kind add up to the same.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metering/entry.h"
#include "metering/prices.h"

namespace tidemark::metering {

enum class Dimension { kAccount, kRegion, kTable, kResource, kKind, kMonth, kDay, kTag };
std::string_view ToString(Dimension dimension);  // "Table"
inline bool IsTime(Dimension dimension) {
  return dimension == Dimension::kMonth || dimension == Dimension::kDay;
}

struct Cost {
  Dollars cost;
  ByteTime byte_time = 0;   // of what is kept, exactly
  Dollars gigabyte_months;  // of what is kept; no dollars, but as exact
  uint64_t once_bytes = 0;  // of what was done once
  uint64_t kept_bytes = 0;  // of what was there at the end of the time asked for
};

struct CostQuery {
  Timestamp from, until;  // [from, until)
  std::vector<Dimension> by;
  // For kTag: the value of the tag that is asked for; "": there is none.
  std::function<std::string(const Entry&)> tag_of = {};
};

class Summary {
 public:
  using Key = std::vector<std::string>;  // values of CostQuery::by, in that order

  // `book` must outlive it.
  Summary(const PriceBook& book, CostQuery query);
  // What goes on is counted up to the end of the time asked for.
  void Add(const Entry& entry);

  const std::map<Key, Cost>& groups() const { return groups_; }
  Cost Total() const;
  // The group of an entry, in a summary that has no dimension of time.
  Key KeyOf(const Entry& entry) const { return KeyOf(entry, query_.from); }

 private:
  Key KeyOf(const Entry& entry, Timestamp time) const;

  const PriceBook& book_;
  const CostQuery query_;
  std::map<Key, Cost> groups_;
};

}  // namespace tidemark::metering
