// Checks the whole log: that no line was changed, none is missing between the oldest that is kept
// and the newest that the head knows of.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "crypto/secret.h"

namespace tidemark::audit {

// What the log's hashes are made with. `root`: the server's root key.
crypto::Key256 AuditKey(const crypto::Key256& root);

struct Verified {
  uint64_t files = 0;
  uint64_t lines = 0;
  uint64_t first = 0;  // numbers of lines; 0: there is none
  uint64_t last = 0;
};
// Reads only; also beside a running server, whose last line may be half written: that is let pass.
// kCorruption: names file and line. kNotFound: there is no log.
Result<Verified> VerifyLog(const std::string& directory, const crypto::Key256& key);

}  // namespace tidemark::audit
