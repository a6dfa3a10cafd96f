// GetPriceBook, SetPrice and ResetPrices: by which prices costs are told.
#include "api/costs/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"

namespace tidemark::api::costs {
namespace {

using metering::Dollars;
using metering::Kind;
using metering::PriceBook;
using metering::PriceEdit;

static_assert(static_cast<int>(dynamodb::PriceKind::kImport) == static_cast<int>(Kind::kImport));

Result<void> CheckMaySetPrices(const CostServices& services, const Caller& caller) {
  if (caller.account == services.first) return {};
  return Fail(ErrorKind::kAccessDenied,
              "Prices are of all accounts, and set in the account of the operator");
}

void WriteList(const PriceBook::List& list, codec::JsonWriter* w) {
  w->BeginObject().Field("From", list.day).Key("Usd").BeginObject();
  for (size_t kind = 0; kind < list.prices.size(); ++kind) {
    w->Field(metering::ToString(static_cast<Kind>(kind)), metering::ToText(list.prices[kind].rate));
  }
  w->EndObject().Key("Regions").BeginObject();
  for (const auto& [region, own] : list.regions) {
    w->Key(region.value).BeginObject();
    for (const auto& [kind, rate] : own) w->Field(metering::ToString(kind), metering::ToText(rate));
    w->EndObject();
  }
  w->EndObject().EndObject();
}

void WriteEdit(const PriceEdit& edit, codec::JsonWriter* w) {
  w->BeginObject().Field("From", edit.day).Field("Kind", metering::ToString(edit.kind));
  if (!edit.region.value.empty()) w->Field("Region", edit.region.value);
  if (edit.rate) w->Field("Usd", metering::ToText(*edit.rate));
  w->EndObject();
}

std::string WriteBook(const CostServices& services) {
  const auto book = services.prices.book();
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("Currency", "USD");
  w.Field("Source", services.prices.is_fixed() ? "FILE" : "BUILT_IN");
  w.Field("PriceListDate", book->ListAt(services.now()));
  w.Key("Lists").BeginArray();
  for (const auto& list : book->lists()) WriteList(list, &w);
  w.EndArray().Key("Edits").BeginArray();
  if (!services.prices.is_fixed()) {
    for (const auto& edit : services.prices.edits()) WriteEdit(edit, &w);
  }
  w.EndArray().EndObject();
  return answer;
}

}  // namespace

Task<std::string> GetPriceBook(const CostServices& services, Caller, JsonValue body) {
  TM_CO_TRYV(dynamodb::ParseGetPriceBook(body));
  co_return WriteBook(services);
}

Task<std::string> SetPrice(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(const auto input, dynamodb::ParseSetPrice(body));
  TM_CO_TRYV(CheckMaySetPrices(services, caller));
  TM_CO_TRY(const Dollars rate, metering::ParseDollars(*input.usd));
  const Timestamp now = services.now();
  const PriceEdit edit{.day = input.from.value_or(metering::DayOf(now)),
                       .kind = static_cast<Kind>(*input.kind),
                       .region = Region(input.region.value_or("")),
                       .rate = rate};
  auto set = [&services, edit, now]() -> Result<std::string> {
    TM_TRYV(services.prices.Set({edit}, now));
    return WriteBook(services);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(set));
}

Task<std::string> ResetPrices(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(const auto input, dynamodb::ParseResetPrices(body));
  TM_CO_TRYV(CheckMaySetPrices(services, caller));
  std::optional<Kind> kind;
  if (input.kind) kind = static_cast<Kind>(*input.kind);
  std::optional<Region> region;
  if (input.region) region = Region(*input.region);
  const Timestamp now = services.now();
  const std::string day = input.from.value_or(metering::DayOf(now));
  auto reset = [&services, day, kind, region, now]() -> Result<std::string> {
    TM_TRYV(services.prices.Reset(day, kind, region, now));
    return WriteBook(services);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(reset));
}

}  // namespace tidemark::api::costs
