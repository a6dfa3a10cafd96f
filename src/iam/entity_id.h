// Ids and secrets as AWS's look.
#pragma once
#include <string>
#include <string_view>

#include "base/random.h"

namespace tidemark::iam {

// `prefix`, then letters and digits up to `size` characters: "AIDA..." of 21, "AKIA..." of 20.
std::string MakeId(std::string_view prefix, size_t size, Random& random);
std::string MakeSecret(Random& random);  // of an access key: 40 characters, 240 random bits

}  // namespace tidemark::iam
