// The 573 words which DynamoDB does not take as attribute names written literally.
#pragma once
#include <string_view>

namespace tidemark::expr {

bool IsReservedWord(std::string_view name);  // in any case of letters

}  // namespace tidemark::expr
