#include "blob/contract.h"
#include "blob/decorators/faulty_store.h"
#include "blob/decorators/retry_store.h"

namespace tidemark::blob {
namespace {

class NoPause final : public Pause {
 public:
  Result<void> For(Micros) override { return {}; }
};

struct Beneath {
  explicit Beneath(StoreUnderTest under, uint64_t seed)
      : inner(std::move(under)),
        faulty(*inner.store, {.before = 0.1, .after = 0.1, .torn = 0.1}, seed, pause) {}

  StoreUnderTest inner;
  NoPause pause;
  FaultyStore faulty;
};

}  // namespace

StoreUnderTest WithFaults(StoreUnderTest inner) {
  static std::atomic<uint64_t> next_seed{1};
  // So many attempts that they are used up once in 10^10 calls.
  constexpr RetryPolicy kPolicy{.attempts_max = 20};
  auto beneath = std::make_shared<Beneath>(std::move(inner), next_seed++);
  return {.keeps_alive = beneath,
          .store = std::make_unique<RetryStore>(beneath->faulty, kPolicy, TheSystemRandom(),
                                                beneath->pause),
          .damage = beneath->inner.damage};
}

}  // namespace tidemark::blob
