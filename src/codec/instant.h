// Instants as people and programs write them, to the microsecond.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::codec {

// "2026-11-26T10:00:06Z", with a fraction, with "+01:00" or without a zone (UTC), a space for the
// T; or seconds since the epoch, with a fraction. Digits beyond the microsecond are cut off.
// Errors: kValidation.
Result<Timestamp> ParseInstant(std::string_view text);
std::string FormatInstant(Timestamp time);  // "2026-11-26T10:00:06.000000Z"

}  // namespace tidemark::codec
