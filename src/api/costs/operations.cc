#include "api/costs/operations.h"

#include "api/costs/handlers.h"

namespace tidemark::api::costs {

std::vector<Operation> Operations(const CostServices& services) {
  using Handler = Task<std::string>(const CostServices&, Caller, JsonValue);
  auto bound = [&services](std::string_view name, Handler* handler) {
    return Operation{.name = name,
                     .prefix = kCostsPrefix,
                     .run = [&services, handler](Caller caller, JsonValue body) {
                       return handler(services, std::move(caller), body);
                     }};
  };
  return {bound("EstimateCost", EstimateCost),
          bound("GetAdvice", GetAdvice),
          bound("GetCosts", GetCosts),
          bound("GetPriceBook", GetPriceBook),
          bound("GetServerCosts", GetServerCosts),
          bound("ResetPrices", ResetPrices),
          bound("SetPrice", SetPrice)};
}

}  // namespace tidemark::api::costs
