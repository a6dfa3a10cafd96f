#include "blob/blob_store.h"

#include <algorithm>

#include "base/random.h"
#include "codec/hex.h"

namespace tidemark::blob {
namespace {

constexpr size_t kWriterBytes = 8;

// How many bytes the character that begins `text` takes; 0: it is none (RFC 3629).
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const uint8_t next = byte(1);
  const bool overlong = (lead == 0xe0 && next < 0xa0) || (lead == 0xf0 && next < 0x90);
  const bool surrogate = lead == 0xed && next >= 0xa0;
  const bool too_large = lead == 0xf4 && next >= 0x90;
  return overlong || surrogate || too_large ? 0 : size;
}

Result<void> CheckText(std::string_view text, std::string_view what) {
  for (std::string_view rest = text; !rest.empty();) {
    const size_t size = CharacterBytes(rest);
    if (size == 0) return Fail(ErrorKind::kValidation, "{} of a blob is not UTF-8", what);
    const auto first = static_cast<uint8_t>(rest[0]);
    if (first < 0x20 || first == 0x7f) {
      return Fail(ErrorKind::kValidation, "{} of a blob has a control character", what);
    }
    rest.remove_prefix(size);
  }
  return {};
}

}  // namespace

Result<void> CheckName(std::string_view name, size_t bytes_max) {
  if (name.empty() || name.size() > bytes_max) {
    return Fail(ErrorKind::kValidation, "a blob's name has 1 to {} bytes, not {}", bytes_max,
                name.size());
  }
  return CheckText(name, "the name");
}

Result<void> CheckQuery(const ListQuery& query) {
  if (query.limit < 1 || query.limit > kListPageMax) {
    return Fail(ErrorKind::kValidation, "a page lists 1 to {} blobs, not {}", kListPageMax,
                query.limit);
  }
  if (query.prefix.size() > kNameBytesMax || query.after.size() > kNameBytesMax) {
    return Fail(ErrorKind::kValidation, "a prefix or place has more than {} bytes", kNameBytesMax);
  }
  TM_TRYV(CheckText(query.after, "the place to list from"));
  return CheckText(query.prefix, "the prefix of names");
}

std::string NewWriter() { return codec::EncodeHex(TheSystemRandom().String(kWriterBytes)); }

bool IsWriter(std::string_view text) {
  return text.size() == 2 * kWriterBytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace tidemark::blob
