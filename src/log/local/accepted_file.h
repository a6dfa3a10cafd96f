// ACCEPTED: which damaged ranges an operator has given up. Names no file's content, so it needs no
// key.
//   file  = magic[8] "TIDEACPT" | version u32 | count u32 | log_id u64 | count * range | check[8]
//   range = from.segment u32 | from.offset u32 | to.segment u32 | to.offset u32
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "log/commit_log.h"

namespace tidemark::log {

struct AcceptedRange {
  Position from, to;
  bool Covers(const DamagedRange& range) const { return from <= range.from && range.to <= to; }
  bool operator==(const AcceptedRange&) const = default;
};

Bytes EncodeAccepted(uint64_t log_id, const std::vector<AcceptedRange>& ranges);
// kCorruption.
Result<std::vector<AcceptedRange>> ParseAccepted(BytesView bytes);

// None if there is no such file, or one of another log. A damaged one is reported and counts as
// none: what was accepted has to be accepted again.
std::vector<AcceptedRange> ReadAccepted(const std::filesystem::path& directory, uint64_t log_id);
// Durable: yes.
Result<void> WriteAccepted(const std::filesystem::path& directory, uint64_t log_id,
                           const std::vector<AcceptedRange>& ranges);

}  // namespace tidemark::log
