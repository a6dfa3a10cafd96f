// EstimateCost: what backups of a table, its recovery and restores of it cost, what a rule of
// backups would, and what the month comes to.
#include "api/costs/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"
#include "metering/plan_cost.h"
#include "metering/summary.h"
#include "table/table_name.h"

namespace tidemark::api::costs {
namespace {

using metering::Dollars;
using metering::Entry;
using metering::Kind;

Result<std::optional<metering::BackupRule>> ReadRule(const dynamodb::EstimateCostInput& input) {
  if (!input.keep_days) {
    if (!input.every_days && !input.cold_after_days) return std::nullopt;
    return Fail(ErrorKind::kValidation, "EveryDays and ColdAfterDays need KeepDays");
  }
  constexpr int64_t kColdDaysMin = 90;
  const metering::BackupRule rule{input.every_days.value_or(1), *input.keep_days,
                                  input.cold_after_days};
  if (rule.cold_after && rule.keep < *rule.cold_after + kColdDaysMin) {
    return Fail(ErrorKind::kValidation, "KeepDays must be at least {} days more than ColdAfterDays",
                kColdDaysMin);
  }
  return rule;
}

struct MonthCosts {
  Dollars so_far, forecast, forecast_without_recovery;
};

// Of one table. What is there now stays, and nothing is added.
Result<MonthCosts> CostsOfMonth(const CostServices& services, const catalog::TableRecord& table) {
  const Timestamp now = services.now();
  const auto month = metering::MonthOf(now);
  const auto book = services.prices.book();
  metering::Summary so_far(*book, {month.begin, now, {}});
  metering::Summary forecast(*book, {month.begin, month.end, {}});
  metering::Summary recovery_to_come(*book, {now, month.end, {}});
  const auto visit = [&](const Entry& entry) {
    if (entry.region != table.region || entry.table != table.name) return;
    so_far.Add(entry);
    forecast.Add(entry);
    if (entry.kind == Kind::kPitr) recovery_to_come.Add(entry);
  };
  TM_TRYV(services.ledger.ForEach(table.account, month.begin, visit));
  const Dollars all = forecast.Total().cost;
  return MonthCosts{so_far.Total().cost, all, all - recovery_to_come.Total().cost};
}

void WritePlan(const metering::BackupRule& rule, const metering::PlanCost& plan,
               codec::JsonWriter* w) {
  w->Key("Plan").BeginObject().Field("EveryDays", rule.every).Field("KeepDays", rule.keep);
  if (rule.cold_after) w->Field("ColdAfterDays", *rule.cold_after);
  w->Field("WarmBackups", plan.warm).Field("ColdBackups", plan.cold);
  w->Field("CostPerMonth", metering::ToText(plan.month));
  w->Field("CostPerMonthAllWarm", metering::ToText(plan.month_all_warm));
  w->Field("SavedByColdStorage", metering::ToText(plan.month_all_warm - plan.month)).EndObject();
}

struct Question {
  std::optional<metering::BackupRule> rule;
  std::optional<int64_t> size;  // in place of the table's: that of a backup, say
};

Result<std::string> EstimateOf(const CostServices& services, const catalog::TableRecord& table,
                               const Question& question) {
  TM_TRYV(services.meter.Tick());
  const shard::Shard* shard = services.shards.Find(table.region);
  const auto handle = shard ? shard->Find(table.id) : nullptr;
  if (!handle) return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  TM_TRY(const auto totals, handle->LoadTotals());
  TM_TRY(const MonthCosts month, CostsOfMonth(services, table));
  const uint64_t bytes =
      question.size ? static_cast<uint64_t>(*question.size) : metering::ChargedBytes(totals, table);
  const Timestamp now = services.now();
  const auto book = services.prices.book();
  const auto cost_of = [&](Kind kind) {  // a month of it, or once
    return metering::OnceCost(book->Of(kind, table.region, now).rate, bytes);
  };

  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("TableName", table.name).Field("Currency", "USD");
  w.Field("PriceListDate", book->ListAt(now));
  w.Field("SizeBytes", static_cast<int64_t>(bytes));
  w.Key("PointInTimeRecovery").BeginObject().FieldBool("Enabled", table.pitr.enabled);
  w.Field("CostPerMonth", metering::ToText(cost_of(Kind::kPitr))).EndObject();
  w.Key("Backup").BeginObject();
  w.Field("CostPerMonth", metering::ToText(cost_of(Kind::kOnDemand))).EndObject();
  w.Key("Restore").BeginObject().Field("Cost", metering::ToText(cost_of(Kind::kRestore)));
  w.Field("CostIntoOtherRegion",
          metering::ToText(cost_of(Kind::kRestore) + cost_of(Kind::kCrossRegion)));
  w.EndObject();
  if (question.rule) {
    const metering::BackupRule& rule = *question.rule;
    const auto price = [&](Kind kind) { return book->Of(kind, table.region, now); };
    WritePlan(rule, metering::CostOf(rule, bytes, price(Kind::kWarm), price(Kind::kCold)), &w);
  }
  w.Key("Month").BeginObject().Field("CostSoFar", metering::ToText(month.so_far));
  w.Field("Forecast", metering::ToText(month.forecast));
  w.Field("ForecastWithoutPointInTimeRecovery", metering::ToText(month.forecast_without_recovery));
  w.EndObject().EndObject();
  return answer;
}

}  // namespace

Task<std::string> EstimateCost(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseEstimateCost(body));
  TM_CO_TRY(const auto rule, ReadRule(input));
  const Question question{rule, input.size_bytes};
  TM_CO_TRY(const auto name, table::TableNameOf(caller, *input.table_name));
  const auto table = services.catalog.FindTable(caller.account, caller.region, name);
  if (!table || table->status != catalog::TableStatus::kActive)
    co_return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  auto answer = [&services, table, question] { return EstimateOf(services, *table, question); };
  co_return co_await runtime::Blocking(services.pool, std::move(answer));
}

}  // namespace tidemark::api::costs
