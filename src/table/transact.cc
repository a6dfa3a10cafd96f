#include "table/transact.h"

#include <algorithm>
#include <utility>

#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/capacity.h"
#include "table/key_rules.h"
#include "table/parsed.h"
#include "table/seen_rows.h"
#include "table/transact_digest.h"
#include "table/write_plan.h"

namespace tidemark::table {
namespace {

constexpr uint64_t kBytesMax = 4 * 1024 * 1024;
constexpr double kUnitsFactor = 2;  // a transaction costs twice what its parts would

const item::Item& KeyedItem(const PutRequest& request) { return request.item; }
template <class Request>
const item::Item& KeyedItem(const Request& request) {
  return request.key;
}

Error TooLarge() {
  return MakeError(ErrorKind::kValidation,
                   "The aggregate size of the items in the transaction exceeds 4 MB");
}

// Why one action can be refused within a transaction that is well formed; any other error is the
// whole request's.
bool IsReason(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kConditionFailed:
    case ErrorKind::kItemCollectionTooLarge:
    case ErrorKind::kThroughputExceeded:
    case ErrorKind::kThrottled:
      return true;
    case ErrorKind::kValidation:
      return dynamic_cast<const RequestFault*>(error.detail.get()) == nullptr;
    default:
      return false;
  }
}

Unexpected Cancelled(std::vector<std::optional<Error>> reasons) {
  for (auto& reason : reasons) {
    if (reason && !IsReason(*reason)) return Fail(std::move(*reason));
  }
  Error error{ErrorKind::kTransactionCanceled, "", nullptr};
  error.detail = std::make_shared<TransactionCancelled>(std::move(reasons));
  return Fail(std::move(error));
}

// The tables and items that a transaction has named so far.
class Participants {
 public:
  Participants(const catalog::Catalog& catalog, const catalog::Shards& shards, const Caller& caller,
               Throttle* throttle)
      : catalog_(catalog), shards_(shards), caller_(caller), throttle_(throttle) {}

  Result<OpenTable> Find(std::string_view name) {
    TM_TRY(auto table, FindActiveTable(catalog_, shards_, caller_, name));
    shard = table.shard;
    return table;
  }
  Result<void> Name(const OpenTable& table, const Bytes& row) {
    if (seen_.Add(table.record->id, row)) return {};
    return Fail(ErrorKind::kValidation,
                "Transaction request cannot include multiple operations on one item");
  }
  // Which of `capacity` is the table's.
  size_t CapacityOf(const OpenTable& table, const std::string& name) {
    const auto at = std::ranges::find(tables_, table.record->id,
                                      [](const Part& part) { return part.record->id; });
    if (at != tables_.end()) return static_cast<size_t>(at - tables_.begin());
    tables_.push_back({.record = table.record});
    capacity.push_back({.table = name});
    return tables_.size() - 1;
  }
  // Whether the table's throughput is there for one more action.
  Result<void> AdmitTo(size_t table, Throttle::Use use) {
    TM_TRYV(Admit(throttle_, *tables_[table].record, use));
    ++tables_[table].admitted;
    return {};
  }
  // Once it is known what was used.
  std::vector<Capacity> Charged(Throttle::Use admitted) {
    for (size_t i = 0; i < tables_.size(); ++i) {
      const auto charge = [&](Throttle::Use use, double units) {
        Charge(throttle_, *tables_[i].record, use, units,
               use == admitted ? tables_[i].admitted : 0);
      };
      charge(Throttle::Use::kRead, capacity[i].read_units);
      charge(Throttle::Use::kWrite, capacity[i].write_units);
    }
    return std::move(capacity);
  }

  shard::Shard* shard = nullptr;  // one Region, one shard
  std::vector<Capacity> capacity;

 private:
  struct Part {
    catalog::TablePtr record;
    size_t admitted = 0;  // actions
  };

  const catalog::Catalog& catalog_;
  const catalog::Shards& shards_;
  const Caller& caller_;
  Throttle* const throttle_;
  SeenRows seen_;
  std::vector<Part> tables_;
};

struct Action {
  std::variant<PutPlan, UpdatePlan, DeletePlan, CheckPlan> plan;
  OpenTable table;
  Bytes row;
  size_t capacity = 0;  // which one
  CollectionGrowth growth;
  WriteOutcome outcome;
  double read_units = 0;  // instead of what is written, where the token was used before
  std::optional<Error> refused;
};

// A TransactWriteItems from its checks to its answer; stays where it is while it is evaluated.
class Running {
 public:
  Running(const catalog::Catalog& catalog, const catalog::Shards& shards, const Caller& caller,
          Throttle* throttle)
      : throttle_(throttle), participants_(catalog, shards, caller, throttle) {}

  Result<void> Prepare(TransactWriteRequest& request) {
    actions_.reserve(request.actions.size());
    for (TransactAction& action : request.actions) {
      TM_TRYV(std::visit([&](auto& given) { return Add(given); }, action));
    }
    if (bytes_ > kBytesMax) return Fail(TooLarge());
    bytes_ = 0;
    const auto refused = [](const Action& action) { return action.refused.has_value(); };
    if (std::ranges::any_of(actions_, refused)) return Cancelled(Reasons());
    for (Action& action : actions_) {
      auto admitted = participants_.AdmitTo(action.capacity, Throttle::Use::kWrite);
      if (!admitted) action.refused = std::move(admitted).error();
    }
    if (std::ranges::any_of(actions_, refused)) return Cancelled(Reasons());
    return {};
  }

  // Before the writes are taken from here.
  Task<void> FollowCollections(CollectionLimit& limit) {
    for (Action& action : actions_) {
      if (!limit.Concerns(action.table)) continue;
      const bool may_grow = std::visit([](const auto& plan) { return MayGrow(plan); }, action.plan);
      TM_CO_TRY(action.growth, co_await limit.Follow(action.table, action.row, may_grow));
    }
    co_return Result<void>();
  }

  void AppendWrites(std::vector<shard::WriteRequest>* writes) {
    for (Action& action : actions_) {
      writes->push_back({.table = action.table.handle,
                         .key = std::move(action.row),
                         .evaluate = [this, &action](const std::optional<Bytes>& old_row) {
                           return EvaluateOne(action, old_row);
                         }});
    }
  }

  // Why the shard's answer was `error`.
  Unexpected Explain(Error error) {
    if (error.kind != ErrorKind::kTransactionCanceled) return Fail(std::move(error));
    if (token_refused_) return Fail(std::move(*token_refused_));
    if (bytes_ > kBytesMax) return Fail(TooLarge());
    return Cancelled(Reasons());
  }

  TransactWriteResult Finish() {
    for (Action& action : actions_) {
      action.growth.Keep();
      Capacity& capacity = participants_.capacity[action.capacity];
      if (token_use == TokenUse::kRepeated) {
        capacity.read_units += action.read_units;
      } else {
        capacity.write_units += kUnitsFactor * action.outcome.write_units;
        for (IndexCapacity& index : action.outcome.indexes) {
          index.units *= kUnitsFactor;
          capacity.AddIndex(index);
        }
        ChargeIndexes(throttle_, *action.table.record, action.outcome.indexes);
      }
    }
    return {.capacity = participants_.Charged(Throttle::Use::kWrite)};
  }

  // The token's row is evaluated first.
  void SetTokenRefused(Error error) { token_refused_ = std::move(error); }
  TokenUse token_use = TokenUse::kFirst;
  shard::Shard* shard() const { return participants_.shard; }

 private:
  template <class Request>
  Result<void> Add(Request& request) {
    TM_TRY(auto plan, MakePlan(request));
    TM_TRYV(CheckSize(plan));
    TM_TRY(const auto table, participants_.Find(request.table));
    bytes_ += item::ItemSize(KeyedItem(request));
    Action& action = actions_.emplace_back();
    action.table = table;
    action.capacity = participants_.CapacityOf(table, request.table);
    auto row = BindPlan(table, request, &plan);
    if (!row) {
      action.refused = std::move(row).error();
      return {};
    }
    action.row = std::move(*row);
    action.plan = std::move(plan);
    return participants_.Name(table, action.row);
  }

  Result<shard::Mutation> EvaluateOne(Action& action, const std::optional<Bytes>& old_row) {
    if (token_use == TokenUse::kMismatch) return shard::Mutation{};
    if (token_use == TokenUse::kRepeated) {
      uint64_t size = 0;
      if (old_row) {
        TM_TRY(size, item::EncodedItemSize(*old_row));
      }
      action.read_units = kUnitsFactor * ReadUnits(size, /*consistent=*/true);
      return shard::Mutation{};
    }
    auto mutation = std::visit([&](auto& plan) { return Evaluate(plan, old_row, &action.outcome); },
                               action.plan);
    mutation = AdmitToIndexes(throttle_, *action.table.record, action.outcome.indexes,
                              std::move(mutation));
    mutation = action.growth.Count(*action.table.record, std::move(mutation));
    if (!mutation) {
      action.refused = mutation.error();
      return mutation;
    }
    bytes_ += mutation->new_size;
    if (bytes_ > kBytesMax) return Fail(TooLarge());
    return mutation;
  }

  std::vector<std::optional<Error>> Reasons() {
    std::vector<std::optional<Error>> reasons;
    for (Action& action : actions_) reasons.push_back(std::move(action.refused));
    return reasons;
  }

  Throttle* const throttle_;
  Participants participants_;
  std::vector<Action> actions_;
  uint64_t bytes_ = 0;  // first of what the request holds, then of what the items become
  std::optional<Error> token_refused_;
};

}  // namespace

Task<TransactWriteResult> Transactions::Write(Caller caller, TransactWriteRequest request) {
  const Bytes digest = request.token.empty() ? Bytes() : DigestOf(request);
  Running running(catalog_, shards_, caller, throttle_);
  TM_CO_TRYV(running.Prepare(request));
  TM_CO_TRYV(co_await running.FollowCollections(limit_));
  std::vector<shard::WriteRequest> writes;
  writes.reserve(request.actions.size() + 1);
  if (!request.token.empty()) {
    RequestTokens::Claim claim{
        .account = caller.account, .token = std::move(request.token), .digest = digest};
    TM_CO_TRY(auto token,
              co_await tokens_.Write(running.shard(), std::move(claim), &running.token_use));
    writes.push_back({.table = std::move(token.table),
                      .key = std::move(token.key),
                      .evaluate = [&running, evaluate = std::move(token.evaluate)](
                                      const std::optional<Bytes>& old_row) {
                        auto mutation = evaluate(old_row);
                        if (!mutation) running.SetTokenRefused(mutation.error());
                        return mutation;
                      }});
  }
  running.AppendWrites(&writes);
  auto done = co_await running.shard()->WriteTogether(std::move(writes), std::move(caller.origin));
  if (!done) co_return running.Explain(std::move(done).error());
  co_return running.Finish();
}

Task<TransactGetResult> Transactions::Get(Caller caller, TransactGetRequest request) {
  Participants participants(catalog_, shards_, caller, throttle_);
  std::vector<shard::RowRef> rows;
  std::vector<std::optional<expr::Projection>> projections;
  std::vector<size_t> capacities;
  std::vector<std::optional<Error>> reasons(request.gets.size());
  bool refused = false;
  for (size_t i = 0; i < request.gets.size(); ++i) {
    const GetRequest& get = request.gets[i];
    TM_CO_TRY(auto projection, ParseProjection(get.expressions));
    TM_CO_TRY(auto table, participants.Find(get.table));
    projections.push_back(std::move(projection));
    capacities.push_back(participants.CapacityOf(table, get.table));
    if (auto fits = CheckKey(table.keys(), get.key); !fits) {
      reasons[i] = std::move(fits).error();
      refused = true;
      continue;
    }
    Bytes row = PrimaryRow(table.keys(), get.key);
    TM_CO_TRYV(participants.Name(table, row));
    rows.push_back({.table = std::move(table.handle), .key = std::move(row)});
  }
  for (size_t i = 0; !refused && i < capacities.size(); ++i) {
    auto admitted = participants.AdmitTo(capacities[i], Throttle::Use::kRead);
    if (!admitted) reasons[i] = std::move(admitted).error();
  }
  const auto any = [](const std::optional<Error>& reason) { return reason.has_value(); };
  if (std::ranges::any_of(reasons, any)) co_return Cancelled(std::move(reasons));

  TM_CO_TRY(auto values, co_await participants.shard->GetTogether(std::move(rows)));
  TransactGetResult result;
  uint64_t bytes = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t size = 0;
    std::optional<AnswerItem> item;
    if (values[i]) {
      TM_CO_TRY(size, item::EncodedItemSize(*values[i]));
      TM_CO_TRY(item, Project(projections[i], std::move(*values[i])));
    }
    bytes += size;
    result.items.push_back(std::move(item));
    participants.capacity[capacities[i]].read_units +=
        kUnitsFactor * ReadUnits(size, /*consistent=*/true);
  }
  result.capacity = participants.Charged(Throttle::Use::kRead);
  if (bytes > kBytesMax) co_return Fail(TooLarge());
  co_return result;
}

}  // namespace tidemark::table
