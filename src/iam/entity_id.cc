#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

// The letters' number divides 256, so taking the remainder is fair.
void Append(Random& random, size_t count, std::string_view letters, std::string* text) {
  for (const char c : random.String(count))
    *text += letters[static_cast<uint8_t>(c) % letters.size()];
}

}  // namespace

std::string MakeId(std::string_view prefix, size_t size, Random& random) {
  std::string id(prefix);
  Append(random, size - prefix.size(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", &id);
  return id;
}

std::string MakeSecret(Random& random) {
  std::string secret;
  Append(random, 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", &secret);
  return secret;
}

}  // namespace tidemark::iam
