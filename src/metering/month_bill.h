// What the present month has cost so far, of all accounts, and how many bytes cost it: for figures
// that nobody may wait for. It is as old as its last Maintain. Threads: any.
#pragma once
#include <array>
#include <chrono>
#include <functional>
#include <mutex>

#include "metering/ledger.h"
#include "metering/summary.h"

namespace tidemark::metering {

class MonthBill {
 public:
  // The ledger must outlive it.
  MonthBill(const Ledger& ledger, std::function<PriceBookPtr()> prices,
            std::function<Timestamp()> now);

  // Works it out anew when that is due: after ten seconds, later where it takes long, so that a
  // large ledger does not keep a core busy. Blocking; one thread at a time, every second or so.
  void Maintain();

  struct OfKind {
    Dollars cost;
    uint64_t kept_bytes = 0;
  };
  using Bill = std::array<OfKind, kKinds>;  // by Kind
  Bill Latest() const;

 private:
  Result<Bill> WorkOut() const;

  const Ledger& ledger_;
  const std::function<PriceBookPtr()> prices_;
  const std::function<Timestamp()> now_;
  std::chrono::steady_clock::time_point due_{};
  mutable std::mutex mutex_;  // of what follows
  Bill latest_{};
};

}  // namespace tidemark::metering
