// The price book: what a GB costs, by kind, Region and day. Immutable once it is read.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "metering/money.h"

namespace tidemark::metering {

// What is charged for. The first four are kept, the others are done once.
enum class Kind {
  kPitr,      // a table's size while it has point-in-time recovery
  kOnDemand,  // backups by CreateBackup
  kWarm,      // recovery points of AWS Backup
  kCold,
  kRestore,
  kColdRestore,
  kCrossRegion,  // what leaves a Region
  kExport,
  kIncrementalExport,
  kImport,
  kEarlyColdDeletion  // the rest of a recovery point's 90 days in cold storage; priced as kCold
};
inline constexpr size_t kKinds = 11;
inline constexpr size_t kPricedKinds = 10;      // the first ones, which a price book names
std::string_view ToString(Kind kind);           // "PITR"
Result<Kind> KindNamed(std::string_view name);  // kCorruption
inline bool IsKept(Kind kind) { return kind <= Kind::kCold; }

struct Price {
  Dollars rate;              // for a GB-month of what is kept, for a GB of what is done once
  uint64_t least_bytes = 0;  // of the latter
  bool operator==(const Price&) const = default;
};

std::string_view BuiltInPrices();  // the book that the program comes with, as JSON

// A price that the operator has set.
struct PriceEdit {
  std::string day;  // from its begin on (UTC), until another edit of the same
  Kind kind = Kind::kPitr;
  Region region;                // empty: of all that have no price of their own
  std::optional<Dollars> rate;  // nothing: what the book has
  bool operator==(const PriceEdit&) const = default;
};
Result<Timestamp> BeginOfDay(std::string_view day);  // of "2026-12-01"; kValidation
std::string DayOf(Timestamp time);

class PriceBook {
 public:
  struct List {
    Timestamp from;
    std::string day;
    std::array<Price, kPricedKinds> prices;
    std::map<Region, std::map<Kind, Dollars>> regions;  // what differs
  };

  // JSON in the form of models/prices.json. kValidation: what is wrong with it, and what to do.
  static Result<PriceBook> Parse(std::string_view json);
  static PriceBook BuiltIn();
  // kIo, kValidation.
  static Result<PriceBook> Load(const std::string& path);
  // The book with these, which are in order of their days, and later than its first list.
  PriceBook With(const std::vector<PriceEdit>& edits) const;

  Price Of(Kind kind, const Region& region, Timestamp time) const;
  // The first day of the list that holds then: "2026-01-01".
  const std::string& ListAt(Timestamp time) const { return At(time).day; }
  const std::vector<List>& lists() const { return lists_; }

 private:
  const List& At(Timestamp time) const;
  std::vector<List> lists_;  // in order, one at least
};
using PriceBookPtr = std::shared_ptr<const PriceBook>;  // it may be replaced while it is used

}  // namespace tidemark::metering
