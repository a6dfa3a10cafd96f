#include "metering/month_bill.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::metering {
namespace {

constexpr std::chrono::seconds kBillInterval{10};
constexpr int kRestsFor = 100;  // times as long as the work took: a hundredth of a core

}  // namespace

MonthBill::MonthBill(const Ledger& ledger, std::function<PriceBookPtr()> prices,
                     std::function<Timestamp()> now)
    : ledger_(ledger), prices_(std::move(prices)), now_(std::move(now)) {}

Result<MonthBill::Bill> MonthBill::WorkOut() const {
  const Timestamp now = now_();
  const Timestamp begin = MonthOf(now).begin;
  const PriceBookPtr book = prices_();
  Summary summary(*book, {begin, now, {Dimension::kKind}});
  TM_TRYV(ledger_.ForEach(std::nullopt, begin, [&](const Entry& entry) { summary.Add(entry); }));
  Bill bill{};
  for (const auto& [key, cost] : summary.groups()) {
    TM_TRY(const Kind kind, KindNamed(key.front()));
    bill[static_cast<size_t>(kind)] = {cost.cost, cost.kept_bytes};
  }
  return bill;
}

void MonthBill::Maintain() {
  const auto begun = std::chrono::steady_clock::now();
  if (begun < due_) return;
  const auto bill = WorkOut();
  const auto ended = std::chrono::steady_clock::now();
  due_ = ended +
         std::max<std::chrono::steady_clock::duration>(kBillInterval, kRestsFor * (ended - begun));
  if (!bill) {
    LogWarn("figures of costs are out of date: {}", bill.error().message);
    return;
  }
  const std::lock_guard lock(mutex_);
  latest_ = *bill;
}

MonthBill::Bill MonthBill::Latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

}  // namespace tidemark::metering
