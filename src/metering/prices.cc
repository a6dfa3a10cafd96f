#include "metering/prices.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include "base/assert.h"
#include "base/region_name.h"
#include "catalog/json_fields.h"
#include "codec/instant.h"

namespace tidemark::metering {
namespace {

using catalog::Fields;

constexpr std::array<std::string_view, kKinds> kKindNames = {"PITR",
                                                             "ON_DEMAND",
                                                             "AWS_BACKUP_WARM",
                                                             "AWS_BACKUP_COLD",
                                                             "RESTORE",
                                                             "RESTORE_FROM_COLD",
                                                             "CROSS_REGION",
                                                             "EXPORT",
                                                             "EXPORT_INCREMENTAL",
                                                             "IMPORT",
                                                             "AWS_BACKUP_COLD_EARLY_DELETION"};
constexpr auto kPricedNames = std::span(kKindNames).first<kPricedKinds>();
constexpr uint64_t kLeastBytesMax = uint64_t{1} << 50;

// In what follows a fault of the book is thrown, as Fields do.
template <class T>
T OrThrow(Result<T> result) {
  if (!result) throw std::invalid_argument(result.error().message);
  return *std::move(result);
}

size_t IndexOf(const std::string& name) {
  const auto at = std::ranges::find(kPricedNames, name);
  if (at == kPricedNames.end()) {
    throw std::invalid_argument(
        fmt::format("{} is no kind of cost: write one of {}", name, fmt::join(kPricedNames, ", ")));
  }
  return static_cast<size_t>(at - kPricedNames.begin());
}

// Of a member that must be text.
std::string TextIn(const Fields& fields, std::string_view name, std::string_view example) {
  try {
    return fields.Text(name);
  } catch (const std::exception&) {
    throw std::invalid_argument(
        fmt::format("{} is missing or no text: write \"{}\": \"{}\"", name, name, example));
  }
}

Fields ObjectIn(const Fields& fields, std::string_view name) {
  try {
    return fields.Object(name);
  } catch (const std::exception&) {
    throw std::invalid_argument(
        fmt::format("{0} is missing or no object: write \"{0}\": {{...}}", name));
  }
}

Dollars RateOf(const Fields& usd, const std::string& name) {
  const auto rate = ParseDollars(TextIn(usd, name, "0.25"));
  if (!rate) throw std::invalid_argument(fmt::format("{}: {}", name, rate.error().message));
  return *rate;
}

void ReadUsd(const Fields& usd, PriceBook::List* list) {
  for (const std::string_view kind : kPricedNames) {
    if (usd.Has(kind)) continue;
    throw std::invalid_argument(
        fmt::format("it has no price for {}: add one to usd (\"0\" if it is free)", kind));
  }
  for (const std::string& name : usd.Names()) list->prices[IndexOf(name)].rate = RateOf(usd, name);
}

PriceBook::List ReadList(const Fields& one) {
  PriceBook::List list{
      .from = {}, .day = TextIn(one, "from", "2026-12-01"), .prices = {}, .regions = {}};
  list.from = OrThrow(BeginOfDay(list.day));
  ReadUsd(ObjectIn(one, "usd"), &list);
  const Fields least = ObjectIn(one, "least_bytes");
  for (const std::string& name : least.Names()) {
    list.prices[IndexOf(name)].least_bytes =
        static_cast<uint64_t>(least.Int(name, 0, static_cast<int64_t>(kLeastBytesMax)));
  }
  const Fields regions = ObjectIn(one, "regions");
  for (const std::string& region : regions.Names()) {
    if (const auto is_name = CheckRegionName("each of regions", region); !is_name)
      throw std::invalid_argument(is_name.error().message);
    const Fields usd = ObjectIn(regions, region);
    auto& own = list.regions[Region(region)];
    for (const std::string& name : usd.Names())
      own[static_cast<Kind>(IndexOf(name))] = RateOf(usd, name);
  }
  return list;
}

void ReadLists(const Fields& book, std::vector<PriceBook::List>* lists) {
  for (const Fields& one : book.Objects("lists")) {
    PriceBook::List list;
    try {
      list = ReadList(one);
    } catch (const std::exception& e) {
      throw std::invalid_argument(fmt::format("list {}: {}", lists->size() + 1, e.what()));
    }
    if (!lists->empty() && list.from <= lists->back().from) {
      throw std::invalid_argument(
          fmt::format("the list from {} stands behind that from {}: put lists in order of their "
                      "days, each day once",
                      list.day, lists->back().day));
    }
    lists->push_back(std::move(list));
  }
}

// What an edit makes of a list that came of `base`.
void Edit(const PriceEdit& edit, const PriceBook::List& base, PriceBook::List* list) {
  const auto kind = static_cast<size_t>(edit.kind);
  if (edit.region.value.empty()) {
    list->prices[kind].rate = edit.rate.value_or(base.prices[kind].rate);
    return;
  }
  auto& own = list->regions[edit.region];
  own.erase(edit.kind);
  const auto region = base.regions.find(edit.region);
  if (edit.rate) {
    own[edit.kind] = *edit.rate;
  } else if (region != base.regions.end() && region->second.contains(edit.kind)) {
    own[edit.kind] = region->second.at(edit.kind);
  }
}

}  // namespace

Result<Timestamp> BeginOfDay(std::string_view day) {
  const auto begin = codec::ParseInstant(std::string(day) + "T00:00:00Z");
  if (begin) return *begin;
  return Fail(ErrorKind::kValidation, "'{}' is no day: write one like 2026-12-01", day);
}

std::string DayOf(Timestamp time) { return codec::FormatInstant(time).substr(0, 10); }

std::string_view ToString(Kind kind) { return kKindNames[static_cast<size_t>(kind)]; }

Result<Kind> KindNamed(std::string_view name) {
  const auto at = std::ranges::find(kKindNames, name);
  if (at == kKindNames.end())
    return Fail(ErrorKind::kCorruption, "the ledger has an entry of kind '{}'", name);
  return static_cast<Kind>(at - kKindNames.begin());
}

Result<PriceBook> PriceBook::Parse(std::string_view json) {
  PriceBook book;
  try {
    const auto value = catalog::json::parse(json);
    const Fields fields(value.as_object());
    if (TextIn(fields, "currency", "USD") != "USD")
      throw std::invalid_argument("currency must be \"USD\"");
    if (!fields.Has("lists")) throw std::invalid_argument("there is no list");
    ReadLists(fields, &book.lists_);
    if (book.lists_.empty()) throw std::invalid_argument("there is no list");
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kValidation,
                "this is no price book: {}. Mend it by the form in docs/costs.md, or begin with a "
                "copy of models/prices.json",
                e.what());
  }
  return book;
}

PriceBook PriceBook::BuiltIn() {
  auto book = Parse(BuiltInPrices());
  TM_ASSERT(book);
  return *std::move(book);
}

Result<PriceBook> PriceBook::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file.is_open() || file.bad())
    return Fail(ErrorKind::kIo,
                "the price book {} cannot be read: is it there, and may this user read it? Without "
                "--price-book the prices within hold",
                path);
  auto book = Parse(text);
  if (!book) return Fail(WithContext(book.error(), "{}", path));
  return book;
}

const PriceBook::List& PriceBook::At(Timestamp time) const {
  const auto later = std::ranges::upper_bound(lists_, time, {}, &List::from);
  return later == lists_.begin() ? lists_.front() : *std::prev(later);
}

Price PriceBook::Of(Kind kind, const Region& region, Timestamp time) const {
  if (kind == Kind::kEarlyColdDeletion) kind = Kind::kCold;
  const List& list = At(time);
  Price price = list.prices[static_cast<size_t>(kind)];
  const auto own = list.regions.find(region);
  if (own == list.regions.end()) return price;
  if (const auto rate = own->second.find(kind); rate != own->second.end())
    price.rate = rate->second;
  return price;
}

PriceBook PriceBook::With(const std::vector<PriceEdit>& edits) const {
  std::set<std::string> days;  // they sort as text
  for (const List& list : lists_) days.insert(list.day);
  for (const PriceEdit& edit : edits) days.insert(edit.day);
  PriceBook book;
  for (const std::string& day : days) {
    const auto begin = BeginOfDay(day);
    TM_ASSERT(begin);  // whoever made it has looked
    const List& base = At(*begin);
    List list = base;
    list.day = day;
    list.from = *begin;
    for (const PriceEdit& edit : edits) {
      if (edit.day <= day) Edit(edit, base, &list);
    }
    book.lists_.push_back(std::move(list));
  }
  return book;
}

}  // namespace tidemark::metering
