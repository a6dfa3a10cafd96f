// The time of a signed request: ISO 8601 in its basic form, "20130609T095204Z", whole seconds.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark::sigv4 {

std::string FormatAmzDate(Timestamp time);  // fraction cut off; years 0..9999
std::optional<Timestamp> ParseAmzDate(std::string_view text);
// The form of HTTP's Date header: "Sun, 09 Jun 2013 09:52:04 GMT". The day's name is not checked.
std::optional<Timestamp> ParseHttpDate(std::string_view text);

}  // namespace tidemark::sigv4
