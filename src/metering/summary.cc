#include "metering/summary.h"

#include <algorithm>

namespace tidemark::metering {
namespace {

constexpr std::array<std::string_view, 8> kDimensionNames = {
    "Account", "Region", "Table", "Resource", "Kind", "Month", "Day", "Tag"};
constexpr Dollars kOneEach{1'000'000'000};

std::string TextOf(const CostQuery& query, const Entry& entry, Dimension dimension,
                   Timestamp time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  const int year = static_cast<int>(day.year());
  const unsigned month = static_cast<unsigned>(day.month());
  switch (dimension) {
    case Dimension::kAccount:
      return entry.account.value;
    case Dimension::kRegion:
      return entry.region.value;
    case Dimension::kTable:
      return entry.table;
    case Dimension::kResource:
      return entry.resource;
    case Dimension::kKind:
      return std::string(ToString(entry.kind));
    case Dimension::kMonth:
      return fmt::format("{:04}-{:02}", year, month);
    case Dimension::kDay:
      return fmt::format("{:04}-{:02}-{:02}", year, month, static_cast<unsigned>(day.day()));
    case Dimension::kTag:
      return query.tag_of(entry);
  }
  return {};
}

}  // namespace

std::string_view ToString(Dimension dimension) {
  return kDimensionNames[static_cast<size_t>(dimension)];
}

Summary::Summary(const PriceBook& book, CostQuery query) : book_(book), query_(std::move(query)) {}

Summary::Key Summary::KeyOf(const Entry& entry, Timestamp time) const {
  Key key;
  for (const Dimension dimension : query_.by) key.push_back(TextOf(query_, entry, dimension, time));
  return key;
}

void Summary::Add(const Entry& entry) {
  if (!IsKept(entry.kind)) {
    if (entry.from < query_.from || entry.from >= query_.until) return;
    const Price price = book_.Of(entry.kind, entry.region, entry.from);
    Cost& group = groups_[KeyOf(entry, entry.from)];
    group.cost += entry.kind == Kind::kEarlyColdDeletion
                      ? EarlyColdDeletion(price.rate, entry.bytes, DaysInCold(entry))
                      : OnceCost(price.rate, entry.bytes, price.least_bytes);
    group.once_bytes += entry.bytes;
    return;
  }
  const Timestamp end = entry.IsOpen() ? query_.until : std::min(entry.until, query_.until);
  Timestamp begin = std::max(entry.from, query_.from);
  while (begin < end) {
    const Timestamp day_end = std::chrono::floor<std::chrono::days>(begin) + std::chrono::days(1);
    const Timestamp part_end = std::min(day_end, end);
    const ByteTime amount = Over(entry.bytes, part_end - begin);
    const Micros month = MonthOf(begin).length();
    Cost& group = groups_[KeyOf(entry, begin)];
    group.cost += StorageCost(book_.Of(entry.kind, entry.region, begin).rate, amount, month);
    group.byte_time += amount;
    group.gigabyte_months += StorageCost(kOneEach, amount, month);
    const bool lasts = entry.IsOpen() || entry.until >= query_.until;
    if (lasts && part_end == query_.until) group.kept_bytes += entry.bytes;
    begin = part_end;
  }
}

Cost Summary::Total() const {
  Cost total;
  for (const auto& [key, cost] : groups_) {
    total.cost += cost.cost;
    total.byte_time += cost.byte_time;
    total.gigabyte_months += cost.gigabyte_months;
    total.once_bytes += cost.once_bytes;
    total.kept_bytes += cost.kept_bytes;
  }
  return total;
}

}  // namespace tidemark::metering
