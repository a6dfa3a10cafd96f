#include "table/tags.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace tidemark::table {
namespace {

constexpr size_t kTagsMax = 50;
constexpr size_t kKeyCharactersMax = 128;
constexpr size_t kValueCharactersMax = 256;

Unexpected TooMany() {
  return Fail(ErrorKind::kValidation,
              "Number of Tags exceed the current limit for the provided ResourceArn");
}

// Cuts the first character off `text`, which is UTF-8: whatever was a JSON string is.
char32_t NextCharacter(std::string_view* text) {
  const auto lead = static_cast<unsigned char>(text->front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t character = length == 1 ? lead : lead & (0xff >> (length + 1));
  for (size_t i = 1; i < std::min(length, text->size()); ++i)
    character = character << 6 | (static_cast<unsigned char>((*text)[i]) & 0x3f);
  text->remove_prefix(std::min(length, text->size()));
  return character;
}

bool IsSpace(char32_t c) {
  return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// Letters and digits of any script, spaces, and some signs.
bool IsLegal(char32_t c) {
  // Of the C library itself: there on every system, and never another language's.
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  constexpr std::u32string_view kSigns = U"_.:/=+-@";
  return IsSpace(c) || kSigns.find(c) != kSigns.npos ||
         ::iswalnum_l(static_cast<wint_t>(c), unicode) != 0;
}

bool IsLegal(std::string_view text, size_t characters_max) {
  size_t characters = 0;
  while (!text.empty()) {
    if (!IsLegal(NextCharacter(&text)) || ++characters > characters_max) return false;
  }
  return true;
}

Result<void> CheckTagKey(std::string_view key) {
  if (key.empty() || !IsLegal(key, kKeyCharactersMax))
    return Fail(ErrorKind::kValidation, "The Tag Key provided is invalid, Key: {}", key);
  if (key.starts_with("aws:"))
    return Fail(ErrorKind::kValidation, "Tag Key cannot be prefixed with aws:, Key: {}", key);
  return {};
}

Result<void> Check(const TagRequest& tag) {
  if (!tag.key) return Fail(ErrorKind::kValidation, "The Tag Key provided is invalid, Key: null");
  TM_TRYV(CheckTagKey(*tag.key));
  if (!tag.value || !IsLegal(*tag.value, kValueCharactersMax))
    return Fail(ErrorKind::kValidation, "The Tag Value provided is invalid, Value: {}",
                tag.value ? *tag.value : "null");
  return {};
}

}  // namespace

Result<void> AddTags(const std::vector<TagRequest>& added, std::vector<catalog::Tag>* tags) {
  std::set<std::string_view> keys;
  for (const auto& tag : added) {
    TM_TRYV(Check(tag));
    if (!keys.insert(*tag.key).second)
      return Fail(ErrorKind::kValidation,
                  "Duplicate Tag Keys provided as input: Duplicate Tag Key found {}", *tag.key);
  }
  auto merged = *tags;
  for (const auto& tag : added) {
    const auto at = std::ranges::find(merged, *tag.key, &catalog::Tag::key);
    if (at == merged.end()) {
      merged.push_back({*tag.key, *tag.value});
    } else {
      at->value = *tag.value;
    }
  }
  if (merged.size() > kTagsMax) return TooMany();
  *tags = std::move(merged);
  return {};
}

Result<void> RemoveTags(const std::vector<std::string>& keys, std::vector<catalog::Tag>* tags) {
  if (keys.size() > kTagsMax) return TooMany();
  for (const auto& key : keys) TM_TRYV(CheckTagKey(key));
  std::erase_if(*tags, [&](const catalog::Tag& tag) {
    return std::ranges::find(keys, tag.key) != keys.end();
  });
  return {};
}

}  // namespace tidemark::table
