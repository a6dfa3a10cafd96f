// Tokens of lists that are in order of creation, newest first: behind which one the next page
// begins, which may be gone by then.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidemark::api::past {

std::string ListToken(Timestamp created, BytesView id);  // of 16 bytes

struct ListPlace {
  Timestamp created;
  Bytes id;
};
Result<ListPlace> ReadListToken(const std::string& token);  // kValidation

}  // namespace tidemark::api::past
