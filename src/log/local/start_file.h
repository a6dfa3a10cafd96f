// START: where the log begins and whose it is. Written when a log is made and before Truncate
// removes files, so that a missing first segment is told from a truncated one.
//   file = magic[8] "TIDESTRT" | version u32 | first_segment u32 | log_id u64 | check[8]
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::log {

struct LogStart {
  uint64_t log_id = 0;
  uint32_t first_segment = 0;
};

Bytes EncodeStart(const LogStart& start);
Result<LogStart> ParseStart(BytesView bytes);  // kCorruption

// nullopt: there is no such file.
Result<std::optional<LogStart>> ReadStart(const std::filesystem::path& directory);
// Durable: yes.
Result<void> WriteStart(const std::filesystem::path& directory, const LogStart& start);

}  // namespace tidemark::log
