#include "metering/prices.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "base/assert.h"
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
  if (at == kPricedNames.end()) throw std::invalid_argument(name + " is no kind of cost");
  return static_cast<size_t>(at - kPricedNames.begin());
}

template <class Prices>
void ReadRates(const Fields& usd, Prices* prices) {
  for (const std::string& name : usd.Names())
    (*prices)[IndexOf(name)].rate = OrThrow(ParseDollars(usd.Text(name)));
  (*prices)[static_cast<size_t>(Kind::kEarlyColdDeletion)].rate =
      (*prices)[static_cast<size_t>(Kind::kCold)].rate;
}

}  // namespace

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
    if (fields.Text("currency") != "USD") throw std::invalid_argument("currency must be USD");
    for (const Fields& one : fields.Objects("lists")) {
      List list{.from = {}, .day = one.Text("from"), .prices = {}, .regions = {}};
      list.from = OrThrow(codec::ParseInstant(list.day + "T00:00:00Z"));
      const Fields usd = one.Object("usd");
      for (const std::string_view kind : kPricedNames) (void)usd.Text(kind);  // all must be there
      ReadRates(usd, &list.prices);
      const Fields least = one.Object("least_bytes");
      for (const std::string& name : least.Names()) {
        list.prices[IndexOf(name)].least_bytes =
            static_cast<uint64_t>(least.Int(name, 0, static_cast<int64_t>(kLeastBytesMax)));
      }
      const Fields regions = one.Object("regions");
      for (const std::string& name : regions.Names()) {
        Prices prices = list.prices;
        ReadRates(regions.Object(name), &prices);
        list.regions[Region(name)] = prices;
      }
      if (!book.lists_.empty() && list.from <= book.lists_.back().from)
        throw std::invalid_argument("lists must be in order of their days");
      book.lists_.push_back(std::move(list));
    }
    if (book.lists_.empty()) throw std::invalid_argument("there is no list");
  } catch (const std::exception& e) {
    return Fail(ErrorKind::kValidation, "this is no price book: {}", e.what());
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
    return Fail(ErrorKind::kIo, "the price book {} cannot be read", path);
  auto book = Parse(text);
  if (!book) return Fail(WithContext(book.error(), "{}", path));
  return book;
}

const PriceBook::List& PriceBook::At(Timestamp time) const {
  const auto later = std::ranges::upper_bound(lists_, time, {}, &List::from);
  return later == lists_.begin() ? lists_.front() : *std::prev(later);
}

const Price& PriceBook::Of(Kind kind, const Region& region, Timestamp time) const {
  const List& list = At(time);
  const auto own = list.regions.find(region);
  const Prices& prices = own == list.regions.end() ? list.prices : own->second;
  return prices[static_cast<size_t>(kind)];
}

const std::string& PriceBook::ListAt(Timestamp time) const { return At(time).day; }

}  // namespace tidemark::metering
