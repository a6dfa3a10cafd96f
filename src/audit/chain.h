// The chain of lines, and the head: how far the log goes. docs/formats/audit_log.md.
//
//   line := {"seq":N,"prev":"<hash of line N-1>",EVENT,"hash":"<64 hex>"} LF
//   hash := HMAC-SHA256(key, the line up to and without ,"hash")
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace tidemark::audit {

// Where a chain stands: behind line `sequence`, whose hash is `hash`.
struct Link {
  uint64_t sequence = 0;
  std::string hash = std::string(64, '0');
};

// Appends the line behind `link`, with its line end, and moves `link` on.
void AppendLine(const crypto::HmacKey& key, const Event& event, Link* link, std::string* out);
// Checks a line, without its line end, and moves `link` on. The first line of all that are kept is
// taken for what it says it is: `first`. kCorruption.
Result<void> CheckLine(const crypto::HmacKey& key, std::string_view line, bool first, Link* link);

// `first`: of the oldest line that is kept. The head is older than the log's end by up to a second.
struct Head {
  uint64_t first = 1;
  Link last;
};
std::string EncodeHead(const crypto::HmacKey& key, const Head& head);
Result<Head> DecodeHead(const crypto::HmacKey& key, std::string_view text);  // kCorruption

// "audit-00000000000000000001.jsonl", by the first line in it.
std::string FileNameOf(uint64_t first);
// 0: it is no file of the log.
uint64_t FirstOfFile(std::string_view name);
// Of the log's files, by their first line.
Result<std::vector<uint64_t>> FilesIn(const std::string& directory);
inline constexpr char kHeadFile[] = "head";

}  // namespace tidemark::audit
