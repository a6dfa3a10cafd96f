// What is asked of several items at once, all or nothing, and what is answered. Plain values, as in
// requests.h.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "table/requests.h"

namespace tidemark::table {

// The condition must hold for the others to take effect.
struct ConditionCheckRequest {
  std::string table;
  item::Item key;
  Expressions expressions;  // condition
  ReturnOnConditionFailure on_condition_failure = ReturnOnConditionFailure::kNone;
};

// return_values of the writes is not asked for: a transaction answers none.
using TransactAction =
    std::variant<PutRequest, UpdateRequest, DeleteRequest, ConditionCheckRequest>;

struct TransactWriteRequest {
  std::vector<TransactAction> actions;
  std::string token;  // ClientRequestToken; empty: not given
};

struct TransactWriteResult {
  std::vector<Capacity> capacity;  // one per table; reads only, if the token had been used before
};

struct TransactGetRequest {
  std::vector<GetRequest> gets;  // consistent_read is not asked for
};

struct TransactGetResult {
  std::vector<std::optional<AnswerItem>> items;  // in the order of the request
  std::vector<Capacity> capacity;                // one per table
};

// The detail of kTransactionCanceled: per action, in the order of the request, why it was refused
// (kConditionFailed, maybe with its own detail, kItemCollectionTooLarge, kValidation,
// kThroughputExceeded, kThrottled), or nothing.
struct TransactionCancelled : ErrorDetail {
  explicit TransactionCancelled(std::vector<std::optional<Error>> given)
      : reasons(std::move(given)) {}
  std::vector<std::optional<Error>> reasons;
};

}  // namespace tidemark::table
