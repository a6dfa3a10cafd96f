// How subcommands print instants and sizes.
#pragma once
#include <string>

#include "base/clock.h"

namespace tidemark::server {

std::string InstantText(Timestamp time);  // "2026-11-24T09:30:00.123456Z"; "-" for none
std::string BytesText(double bytes);      // "17 B", "1.5 MiB"

}  // namespace tidemark::server
