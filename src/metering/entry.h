// What the ledger holds: how many bytes of what were kept from when to when, or were restored when.
// Facts only; prices are put to them when somebody asks. A value.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "metering/prices.h"

namespace tidemark::metering {

struct Entry {
  AccountId account;
  Region region;
  Kind kind = Kind::kOnDemand;
  std::string id;        // of what is kept or done; no two of a kind have the same
  std::string resource;  // its ARN: of the backup, or of the table
  std::string table;     // name
  uint64_t bytes = 0;
  Timestamp from{};
  Timestamp until{};  // zero: it goes on. Of what is done once: `from`, when it was done; but of an
                      // early deletion from cold storage, when that would have been for nothing
  bool operator==(const Entry&) const = default;

  bool IsOpen() const { return until == Timestamp{}; }
};

inline constexpr std::chrono::days kColdDaysPaid{90};  // at least
// Of a recovery point that leaves cold storage: what is paid beside, for whole days that are left.
std::optional<Entry> EarlyDeletionOf(const Entry& cold);
int DaysInCold(const Entry& early_deletion);

std::string EncodeEntry(const Entry& entry);
Result<Entry> DecodeEntry(std::string_view json);  // kCorruption

}  // namespace tidemark::metering
