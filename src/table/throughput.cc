#include "table/throughput.h"

#include <fmt/format.h>

#include <string_view>

#include "table/invalid.h"

namespace tidemark::table {
namespace {

constexpr int64_t kUnitsMax = 1'000'000'000'000;
constexpr std::string_view kInitialThroughput =
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
    "on-demand-capacity-mode.html#on-demand-capacity-mode-initial";

Result<void> CheckUnits(int64_t units, std::string_view member) {
  if (units < 1 || units > kUnitsMax)
    return Fail(ErrorKind::kValidation, "Given value {} for {} is out of bounds", units, member);
  return {};
}

// `least`: the smallest legal value; -1 where a limit may be taken away.
Result<void> CheckMaximum(std::optional<int64_t> units, int64_t least, std::string_view member) {
  if (!units || *units >= 1 || *units == least) return {};
  return Invalid("Requested {} for OnDemandThroughput for table is outside of valid range", member);
}

Result<void> CheckMaxima(const UnitsRequest& request, int64_t least) {
  TM_TRYV(CheckMaximum(request.read, least, "MaxReadRequestUnits"));
  return CheckMaximum(request.write, least, "MaxWriteRequestUnits");
}

void TakeMaxima(const UnitsRequest& request, catalog::TableRecord* record) {
  auto maxima = record->on_demand.value_or(catalog::OnDemandThroughput());
  maxima.max_read_units = request.read.value_or(maxima.max_read_units);
  maxima.max_write_units = request.write.value_or(maxima.max_write_units);
  record->on_demand = maxima;
  if (maxima == catalog::OnDemandThroughput()) record->on_demand.reset();
}

std::string_view FirstOf(const UnitsRequest& request) {
  return request.read ? "MaxReadRequestUnits" : "MaxWriteRequestUnits";
}

// The member of `request` that asks for less than the table has; empty: none.
std::string_view LowerThan(const catalog::Throughput& warm, const UnitsRequest& request) {
  if (request.read && *request.read < warm.read_units) return "Read";
  if (request.write && *request.write < warm.write_units) return "Write";
  return {};
}

void TakeWarm(const UnitsRequest& request, catalog::TableRecord* record) {
  record->warm = record->Warm();
  if (request.read) record->warm.read_units = *request.read;
  if (request.write) record->warm.write_units = *request.write;
}

Result<void> SetWarm(const UnitsRequest& request, catalog::TableRecord* record) {
  if (request.empty()) return {};
  const std::string_view lower = LowerThan(record->Warm(), request);
  if (!lower.empty()) {
    const auto asked =
        fmt::format("Requested {}UnitsPerSecond for WarmThroughput for table is lower than", lower);
    if (record->billing == catalog::BillingMode::kPayPerRequest)
      return Invalid("{} initial throughput for OnDemand. See: {}", asked, kInitialThroughput);
    return Invalid("{} {}CapacityUnits of ProvisionedThroughput", asked, lower);
  }
  TakeWarm(request, record);
  return {};
}

}  // namespace

Result<void> CheckProvisioned(const catalog::Throughput& throughput) {
  TM_TRYV(CheckUnits(throughput.read_units, "ReadCapacityUnits"));
  return CheckUnits(throughput.write_units, "WriteCapacityUnits");
}

Result<void> SetThroughput(const CreateTableRequest& request, catalog::TableRecord* record) {
  record->billing = request.billing.value_or(catalog::BillingMode::kProvisioned);
  if (record->billing == catalog::BillingMode::kPayPerRequest) {
    if (request.throughput)
      return Invalid(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    if (request.on_demand) {
      TM_TRYV(CheckMaxima(*request.on_demand, 1));
      TakeMaxima(*request.on_demand, record);
    }
  } else {
    if (!request.throughput)
      return Invalid(
          "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
          "PROVISIONED");
    if (request.on_demand && !request.on_demand->empty())
      return Invalid(
          "{} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.",
          FirstOf(*request.on_demand));
    TM_TRYV(CheckProvisioned(*request.throughput));
    record->throughput = *request.throughput;
  }
  return request.warm ? SetWarm(*request.warm, record) : Result<void>();
}

Result<void> ChangeOnDemand(const UnitsRequest& request, catalog::TableRecord* record) {
  if (request.empty()) return {};
  if (record->billing == catalog::BillingMode::kProvisioned)
    return Invalid(
        "{} for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED",
        FirstOf(request));
  TM_TRYV(CheckMaxima(request, -1));
  TakeMaxima(request, record);
  return {};
}

Result<void> RaiseWarm(const UnitsRequest& request, catalog::TableRecord* record) {
  const std::string_view lower = LowerThan(record->Warm(), request);
  if (!lower.empty())
    return Invalid(
        "Requested {}UnitsPerSecond for WarmThroughput for table is lower than current "
        "WarmThroughput, decreasing WarmThroughput is not supported",
        lower);
  TakeWarm(request, record);
  return {};
}

}  // namespace tidemark::table
