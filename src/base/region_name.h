// Which texts are names of Regions. They come from requests, and directories are called by them.
#pragma once
#include <string_view>

#include "base/result.h"

namespace tidemark {

// "us-east-1", and names like "local": 1 to 32 of a-z, 0-9 and '-'.
bool IsRegionName(std::string_view text);
// kValidation; `what` is what the text calls it.
Result<void> CheckRegionName(std::string_view what, std::string_view text);

}  // namespace tidemark
