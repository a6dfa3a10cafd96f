// The files of an image, as they are offered to another server: all but KEYS.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "peer/copy_message.h"

namespace tidemark::backup {

// Reads them whole. kCancelled: `stop`.
Result<std::vector<peer::OfferedFile>> OfferFiles(const std::string& image,
                                                  const std::atomic<bool>& stop);
// Of a file's first bytes. It may be shorter.
Result<crypto::Digest256> HeadOf(const std::string& path);

}  // namespace tidemark::backup
