#include "item/attribute_value.h"

#include <algorithm>

namespace tidemark::item {
namespace {

bool NameLess(const Map::Entry& entry, std::string_view name) { return entry.first < name; }

}  // namespace

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kString:
      return "S";
    case Type::kNumber:
      return "N";
    case Type::kBinary:
      return "B";
    case Type::kBool:
      return "BOOL";
    case Type::kNull:
      return "NULL";
    case Type::kStringSet:
      return "SS";
    case Type::kNumberSet:
      return "NS";
    case Type::kBinarySet:
      return "BS";
    case Type::kList:
      return "L";
    case Type::kMap:
      return "M";
  }
  return "?";
}

Map::Map() = default;
Map::Map(const Map&) = default;
Map::Map(Map&&) noexcept = default;
Map& Map::operator=(const Map&) = default;
Map& Map::operator=(Map&&) noexcept = default;
Map::~Map() = default;

Map Map::FromEntries(std::vector<Entry> entries) {
  const auto by_name = [](const Entry& a, const Entry& b) { return a.first < b.first; };
  const auto same_name = [](const Entry& a, const Entry& b) { return a.first == b.first; };
  Map map;
  map.entries_ = std::move(entries);
  auto& all = map.entries_;
  if (!std::is_sorted(all.begin(), all.end(), by_name)) {
    std::stable_sort(all.begin(), all.end(), by_name);
  }
  if (std::adjacent_find(all.begin(), all.end(), same_name) != all.end()) {
    // std::unique keeps the first of equals; walking backwards that is the last one given.
    all.erase(all.begin(), std::unique(all.rbegin(), all.rend(), same_name).base());
  }
  return map;
}

const AttributeValue* Map::Find(std::string_view name) const {
  return const_cast<Map*>(this)->Find(name);
}

AttributeValue* Map::Find(std::string_view name) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name, NameLess);
  return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

AttributeValue& Map::Set(std::string_view name, AttributeValue value) {
  // Names mostly arrive in order (decoding, copying), so the end is tried first.
  if (entries_.empty() || entries_.back().first < name) {
    return entries_.emplace_back(std::string(name), std::move(value)).second;
  }
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name, NameLess);
  if (at->first == name) return at->second = std::move(value);
  return entries_.emplace(at, std::string(name), std::move(value))->second;
}

bool Map::Erase(std::string_view name) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name, NameLess);
  if (at == entries_.end() || at->first != name) return false;
  entries_.erase(at);
  return true;
}

size_t Map::size() const { return entries_.size(); }
bool Map::empty() const { return entries_.empty(); }
void Map::Reserve(size_t entries) { entries_.reserve(entries); }
std::vector<Map::Entry>::const_iterator Map::begin() const { return entries_.begin(); }
std::vector<Map::Entry>::const_iterator Map::end() const { return entries_.end(); }
std::vector<Map::Entry>::iterator Map::begin() { return entries_.begin(); }
std::vector<Map::Entry>::iterator Map::end() { return entries_.end(); }

bool Map::operator==(const Map& other) const { return entries_ == other.entries_; }
bool List::operator==(const List& other) const { return values == other.values; }

}  // namespace tidemark::item
