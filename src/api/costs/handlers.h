// The operations, one function each.
#pragma once
#include <string>

#include "api/costs/operations.h"
#include "codec/json_reader.h"
#include "runtime/task.h"

namespace tidemark::api::costs {

using codec::JsonValue;
using table::Caller;

Task<std::string> EstimateCost(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> GetAdvice(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> GetCosts(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> GetPriceBook(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> GetServerCosts(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> ResetPrices(const CostServices& services, Caller caller, JsonValue body);
Task<std::string> SetPrice(const CostServices& services, Caller caller, JsonValue body);

}  // namespace tidemark::api::costs
