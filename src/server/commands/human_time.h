// Instants as people type them at a shell.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::server {

// What codec::ParseInstant takes, and "now", "2h ago" (s, m, h, d; "ago" may be left out),
// "2026-11-26": its begin in UTC, and "10:00" or "10:00:06": the last time a clock in UTC showed
// that. `now`: relative to what.
// Errors: kValidation.
Result<Timestamp> ParseHumanTime(std::string_view text, Timestamp now);
// What is wrong with it, or "": for OptionRule::Check.
std::string InstantFault(const std::string& text);

}  // namespace tidemark::server
