// Ids are types, so that two of them cannot be swapped in a call.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace tidemark {

template <class Tag>
struct StringId {
  std::string value;
  StringId() = default;
  explicit StringId(std::string v) : value(std::move(v)) {}
  auto operator<=>(const StringId&) const = default;
  bool empty() const { return value.empty(); }
};

using AccountId = StringId<struct AccountIdTag>;      // 12 digits
using Region = StringId<struct RegionTag>;            // "us-east-1"
using BackupId = StringId<struct BackupIdTag>;        // "01489602797149-73d8d5bc"
using AccessKeyId = StringId<struct AccessKeyIdTag>;  // "AKIA..."

// A random (version 4) UUID: 16 bytes inside, lower-case text outside.
template <class Tag>
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;

  static Uuid Make(Random& random);
  static Result<Uuid> Parse(std::string_view text);  // 36 characters, lower case
  static Uuid FromBytes(std::string_view bytes);     // exactly 16
  std::string ToString() const;
  std::string_view AsBytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

using TableId = Uuid<struct TableIdTag>;  // new for every incarnation of a table
using ImageId = Uuid<struct ImageIdTag>;
using ItemRestoreId = Uuid<struct ItemRestoreIdTag>;

std::array<uint8_t, 16> MakeUuidBytes(Random& random);
Result<std::array<uint8_t, 16>> ParseUuid(std::string_view text);
std::string FormatUuid(const std::array<uint8_t, 16>& bytes);

template <class Tag>
Uuid<Tag> Uuid<Tag>::Make(Random& random) {
  return Uuid{MakeUuidBytes(random)};
}
template <class Tag>
Result<Uuid<Tag>> Uuid<Tag>::Parse(std::string_view text) {
  TM_TRY(auto bytes, ParseUuid(text));
  return Uuid{bytes};
}
template <class Tag>
Uuid<Tag> Uuid<Tag>::FromBytes(std::string_view bytes) {
  Uuid id;
  for (size_t i = 0; i < 16 && i < bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(bytes[i]);
  return id;
}
template <class Tag>
std::string Uuid<Tag>::ToString() const {
  return FormatUuid(bytes);
}

}  // namespace tidemark

template <class Tag>
struct std::hash<tidemark::StringId<Tag>> {
  size_t operator()(const tidemark::StringId<Tag>& id) const {
    return std::hash<std::string>()(id.value);
  }
};
template <class Tag>
struct std::hash<tidemark::Uuid<Tag>> {
  size_t operator()(const tidemark::Uuid<Tag>& id) const {
    return std::hash<std::string_view>()(id.AsBytes());
  }
};
