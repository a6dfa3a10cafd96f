// The price book: what a GB costs, by kind, Region and day. Immutable once it is read.
#pragma once
#include <array>
#include <cstdint>
#include <map>
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

class PriceBook {
 public:
  // JSON in the form of models/prices.json. kValidation: what is wrong with it.
  static Result<PriceBook> Parse(std::string_view json);
  static PriceBook BuiltIn();
  // kIo, kValidation.
  static Result<PriceBook> Load(const std::string& path);

  const Price& Of(Kind kind, const Region& region, Timestamp time) const;
  // The first day of the list that holds then: "2026-01-01".
  const std::string& ListAt(Timestamp time) const;

 private:
  using Prices = std::array<Price, kKinds>;
  struct List {
    Timestamp from;
    std::string day;
    Prices prices;
    std::map<Region, Prices> regions;  // whole lists, with what differs put in
  };
  const List& At(Timestamp time) const;
  std::vector<List> lists_;  // in order, one at least
};

}  // namespace tidemark::metering
