// Local time of places, from the system's time zone files (RFC 8536), past and to come.
//
// An immutable value; any thread.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "vault/cron.h"

namespace tidemark::vault {

class TimeZone {
 public:
  // `name`: "America/New_York". Reads its file. Fault::kInvalidParameter: there is no such zone.
  static Result<TimeZone> Load(std::string_view name);
  // From a file's bytes. kCorruption.
  static Result<TimeZone> Parse(std::string_view file);

  std::chrono::seconds OffsetAt(Timestamp time) const;  // of local time, east of UTC
  // The first instant at which clocks show that; nothing: they skip it.
  std::optional<Timestamp> FirstInstantOf(LocalMinute local) const;

 private:
  struct Transition {
    int64_t at;      // seconds since the epoch
    int32_t offset;  // from then on
  };

  int32_t first_offset_ = 0;  // before all transitions
  std::vector<Transition> transitions_;
};

// The first instant after `time` that the schedule names in that zone. What clocks skip there does
// not count; what they show twice counts once. Nothing: there is none.
std::optional<Timestamp> NextRun(const Cron& cron, const TimeZone& zone, Timestamp time);

}  // namespace tidemark::vault
