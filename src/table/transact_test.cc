#include "table/transact.h"

#include <gmock/gmock.h>

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

class TransactTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTable("One", kHashOnly);
    CreateTable("Two", kHashAndRange);
  }

  static item::Item Key(std::string key) { return Make({{"pk", S(std::move(key))}}); }
  static PutRequest PutOf(item::Item item, std::string table = "One") {
    PutRequest put;
    put.table = std::move(table);
    put.item = std::move(item);
    return put;
  }
  static UpdateRequest AddTo(std::string key, int64_t amount) {
    UpdateRequest update;
    update.table = "One";
    update.key = Key(std::move(key));
    update.expressions.update = "ADD n :n";
    update.expressions.values.Set(":n", N(amount));
    update.expressions.values_given = true;
    return update;
  }
  static DeleteRequest DeleteOf(std::string key) {
    DeleteRequest request;
    request.table = "One";
    request.key = Key(std::move(key));
    return request;
  }
  static ConditionCheckRequest CheckOf(std::string key, std::string condition) {
    ConditionCheckRequest check;
    check.table = "One";
    check.key = Key(std::move(key));
    check.expressions.condition = std::move(condition);
    return check;
  }

  Result<TransactWriteResult> Write(std::vector<TransactAction> actions, std::string token = "") {
    TransactWriteRequest request{.actions = std::move(actions), .token = std::move(token)};
    return Run(transactions_->Write(caller_, std::move(request)));
  }
  // Kinds of the reasons, "-" where there is none.
  static std::string Reasons(const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::kTransactionCanceled) << error.message;
    const auto* cancelled = dynamic_cast<const TransactionCancelled*>(error.detail.get());
    if (!cancelled) return "no detail";
    std::string kinds;
    for (const auto& reason : cancelled->reasons) {
      kinds += kinds.empty() ? "" : " ";
      kinds += reason ? std::string(ToString(reason->kind)) : "-";
    }
    return kinds;
  }
  size_t TokenRows() {
    const auto table = shard_->Find(RequestTokensTable());
    if (!table) return 0;
    const auto store = table->OpenStore();
    EXPECT_TRUE(store);
    auto rows = (*store)->Scan({.begin = Bytes("\0\1", 2), .end = Bytes("\0\3", 2)});
    EXPECT_TRUE(rows);
    size_t count = 0;
    for (; (*rows)->Valid(); (*rows)->Next()) ++count;
    EXPECT_EQ(table->LoadTotals()->items * 2, count) << "each has a place in the order of expiry";
    return count / 2;
  }
};

TEST_F(TransactTest, WritesAllKindsAtOnceOverTables) {
  Put("One", Make({{"pk", S("gone")}}));
  Put("One", Make({{"pk", S("checked")}, {"n", N(1)}}));
  const auto done = Write({PutOf(Make({{"pk", S("a")}, {"sk", N(1)}}), "Two"), AddTo("new", 5),
                           DeleteOf("gone"), CheckOf("checked", "attribute_exists(n)")});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(Get("Two", Make({{"pk", S("a")}, {"sk", N(1)}})), R"({"pk":{"S":"a"},"sk":{"N":"1"}})");
  EXPECT_EQ(Get("One", Key("new")), R"({"n":{"N":"5"},"pk":{"S":"new"}})");
  EXPECT_EQ(Get("One", Key("gone")), "");
  ASSERT_EQ(done->capacity.size(), 2u);
  EXPECT_EQ(done->capacity[0].table, "Two");
  EXPECT_EQ(done->capacity[0].write_units, 2);
  EXPECT_EQ(done->capacity[1].write_units, 6) << "a check costs as much as a write";
}

TEST_F(TransactTest, TellsWhyEachActionWasRefusedAndWritesNothing) {
  Put("One", Make({{"pk", S("a")}, {"n", S("no number")}}));
  Put("One", Make({{"pk", S("big")}, {"b", S(std::string(409'000, 'x'))}}));
  auto failing = PutOf(Make({{"pk", S("a")}}));
  failing.expressions.condition = "attribute_not_exists(pk)";
  failing.on_condition_failure = ReturnOnConditionFailure::kAllOld;
  auto growing = AddTo("big", 1);
  growing.expressions.update = "SET c = :n";
  growing.expressions.values.Set(":n", S(std::string(1000, 'y')));
  const auto done =
      Write({AddTo("b", 1), failing, growing, CheckOf("c", "attribute_not_exists(pk)")});
  ASSERT_FALSE(done);
  EXPECT_EQ(Reasons(done.error()), "- condition failed validation -");
  const auto& reasons = dynamic_cast<const TransactionCancelled&>(*done.error().detail).reasons;
  EXPECT_EQ(Json(dynamic_cast<const ConditionFailure&>(*reasons[1]->detail).item),
            R"({"n":{"S":"no number"},"pk":{"S":"a"}})");
  EXPECT_EQ(reasons[2]->message, "Item size to update has exceeded the maximum allowed size");
  EXPECT_EQ(Get("One", Key("b")), "");
  EXPECT_EQ(Reasons(Write({AddTo("a", 1)}).error()), "validation") << "ADD to a string";
}

TEST_F(TransactTest, FaultsOfTheRequestAreNoReasons) {
  const auto refused = [&](std::vector<TransactAction> actions) {
    const auto done = Write(std::move(actions));
    if (done) return std::string("taken");
    EXPECT_TRUE(done.error().kind == ErrorKind::kValidation ||
                done.error().kind == ErrorKind::kResourceNotFound);
    return done.error().message;
  };
  EXPECT_EQ(refused({PutOf(Key("a")), DeleteOf("a")}),
            "Transaction request cannot include multiple operations on one item");
  auto by_arn = DeleteOf("a");
  by_arn.table = "arn:aws:dynamodb:us-east-1:123456789012:table/One";
  EXPECT_EQ(refused({PutOf(Key("a")), by_arn}),
            "Transaction request cannot include multiple operations on one item");
  EXPECT_EQ(refused({PutOf(Key("a")), PutOf(Key("b"), "Three")}), "Requested resource not found");
  EXPECT_EQ(refused({PutOf(Make({{"pk", S("a")}, {"b", S(std::string(410'000, 'x'))}}))}),
            "Item size has exceeded the maximum allowed size");
  EXPECT_EQ(refused({DeleteOf("")}),
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: pk");
  EXPECT_THAT(refused({CheckOf("a", "n >")}), testing::HasSubstr("Syntax error"));
  EXPECT_EQ(Get("One", Key("a")), "");
}

TEST_F(TransactTest, KeysThatDoNotFitTheTableAreReasons) {
  auto wrong_type = DeleteOf("a");
  wrong_type.key = Make({{"pk", N(1)}});
  auto of_key = AddTo("c", 1);
  of_key.expressions.update = "SET pk = :n";
  const auto done = Write({PutOf(Key("b")), wrong_type, PutOf(Make({{"x", N(1)}})), of_key});
  ASSERT_FALSE(done);
  EXPECT_EQ(Reasons(done.error()), "- validation validation validation");
  const auto& reasons = dynamic_cast<const TransactionCancelled&>(*done.error().detail).reasons;
  EXPECT_EQ(reasons[1]->message, "The provided key element does not match the schema");
  EXPECT_EQ(reasons[2]->message,
            "One or more parameter values were invalid: Missing the key pk in the item");
}

TEST_F(TransactTest, Holds4MBAndNotMore) {
  const std::string text(380'000, 'x');
  std::vector<TransactAction> puts;
  for (int i = 0; i < 11; ++i)
    puts.push_back(PutOf(Make({{"pk", S(std::to_string(i))}, {"b", S(text)}})));
  ASSERT_TRUE(Write(puts));
  puts.push_back(PutOf(Make({{"pk", S("12")}, {"b", S(text)}})));
  EXPECT_EQ(Write(puts).error().message,
            "The aggregate size of the items in the transaction exceeds 4 MB");
  Put("One", Make({{"pk", S("12")}, {"b", S(text)}}));
  std::vector<TransactAction> updates;
  for (int i = 0; i < 11; ++i) updates.push_back(AddTo(std::to_string(i), 1));
  EXPECT_TRUE(Write(updates));
  updates.push_back(AddTo("12", 1));
  EXPECT_EQ(Write(updates).error().kind, ErrorKind::kValidation) << "4.5 MB of updated items";
  EXPECT_THAT(Get("One", Key("0")), testing::HasSubstr(R"("n":{"N":"1"})"));
}

TEST_F(TransactTest, ATokenUsedBeforeHasNoEffectAndIsTold) {
  ASSERT_TRUE(Write({AddTo("a", 1)}, "token"));
  const auto again = Write({AddTo("a", 1)}, "token");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(Get("One", Key("a")), R"({"n":{"N":"1"},"pk":{"S":"a"}})");
  EXPECT_EQ(again->capacity[0].write_units, 0);
  EXPECT_EQ(again->capacity[0].read_units, 2);
  EXPECT_EQ(Write({AddTo("a", 2)}, "token").error().kind, ErrorKind::kIdempotentMismatch);
  ASSERT_TRUE(Write({AddTo("a", 1)}, "another"));
  ASSERT_TRUE(Write({AddTo("a", 1)}));
  EXPECT_EQ(Get("One", Key("a")), R"({"n":{"N":"3"},"pk":{"S":"a"}})");
  EXPECT_EQ(TokenRows(), 2u);
}

TEST_F(TransactTest, ATokenOfACancelledTransactionIsFree) {
  auto put = PutOf(Key("a"));
  put.expressions.condition = "attribute_exists(pk)";
  EXPECT_EQ(Reasons(Write({put}, "token").error()), "condition failed");
  EXPECT_EQ(TokenRows(), 0u);
  Put("One", Key("a"));
  EXPECT_TRUE(Write({put}, "token"));
  EXPECT_EQ(TokenRows(), 1u);
}

TEST_F(TransactTest, TokensExpireAndAreSweptAway) {
  for (int i = 0; i < 450; ++i) ASSERT_TRUE(Write({AddTo("a", 1)}, std::to_string(i)));
  clock_.Advance(std::chrono::minutes(9));
  ASSERT_TRUE(Run(tokens_->Sweep()));
  EXPECT_EQ(TokenRows(), 450u);
  ASSERT_TRUE(Write({AddTo("a", 1)}, "later"));
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(Write({AddTo("a", 1)}, "0")) << "another transaction, by now";
  ASSERT_TRUE(Run(tokens_->Sweep()));
  EXPECT_EQ(TokenRows(), 2u);
  EXPECT_EQ(Get("One", Key("a")), R"({"n":{"N":"452"},"pk":{"S":"a"}})");
  clock_.Advance(std::chrono::minutes(11));
  ASSERT_TRUE(Run(tokens_->Sweep()));
  EXPECT_EQ(TokenRows(), 0u);
}

TEST_F(TransactTest, TokensOfAnAccountAreForgottenAtOnce) {
  ASSERT_TRUE(Write({AddTo("a", 1)}, "token"));
  ASSERT_TRUE(Run(tokens_->Forget(AccountId("210987654321"))));
  EXPECT_EQ(TokenRows(), 1u);
  ASSERT_TRUE(Run(tokens_->Forget(caller_.account)));
  EXPECT_EQ(TokenRows(), 0u);
  ASSERT_TRUE(Write({AddTo("a", 2)}, "token"));
}

TEST_F(TransactTest, WhatThroughputRefusesIsAReasonAndTheRestIsCharged) {
  CreateTableRequest request;
  request.table = "Slow";
  request.attributes.push_back({"pk", item::Type::kString});
  request.key_schema.push_back({"pk", KeyElement::Role::kHash});
  request.billing = catalog::BillingMode::kProvisioned;
  request.throughput = catalog::Throughput{.read_units = 4, .write_units = 4};
  ASSERT_TRUE(Run(control_->Create(caller_, request)));
  Throttle throttle(clock_);
  Transactions throttled(*catalog_, *shards_, *tokens_, *limit_, &throttle);
  const auto write = [&](int from, int count) {
    TransactWriteRequest puts;
    for (int i = 0; i < count; ++i)
      puts.actions.push_back(PutOf(Key(std::to_string(from + i)), "Slow"));
    return Run(throttled.Write(caller_, std::move(puts)));
  };
  ASSERT_TRUE(write(0, 3)) << "6 of 4 units: the least of each was there";
  const auto refused = write(10, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Reasons(refused.error()), "throughput exceeded throughput exceeded");
  clock_.Advance(std::chrono::seconds(1));  // 2 units
  EXPECT_EQ(Reasons(write(10, 3).error()), "- - throughput exceeded");
  TransactGetRequest gets;
  for (int i = 0; i < 3; ++i)
    gets.gets.push_back({.table = "Slow", .key = Key(std::to_string(i)), .expressions = {}});
  ASSERT_TRUE(Run(throttled.Get(caller_, gets)));
  EXPECT_EQ(Reasons(Run(throttled.Get(caller_, gets)).error()),
            "throughput exceeded throughput exceeded throughput exceeded");
}

TEST_F(TransactTest, ReadsAllAtOnceInOrder) {
  Put("One", Make({{"pk", S("a")}, {"n", N(1)}}));
  Put("Two", Make({{"pk", S("a")}, {"sk", N(2)}, {"m", N(3)}}));
  TransactGetRequest request;
  request.gets.push_back(
      {.table = "Two", .key = Make({{"pk", S("a")}, {"sk", N(2)}}), .expressions = {}});
  request.gets[0].expressions.projection = "m";
  request.gets.push_back({.table = "One", .key = Key("none"), .expressions = {}});
  request.gets.push_back({.table = "One", .key = Key("a"), .expressions = {}});
  const auto got = Run(transactions_->Get(caller_, request));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->items.size(), 3u);
  EXPECT_EQ(Json(*got->items[0]), R"({"m":{"N":"3"}})");
  EXPECT_FALSE(got->items[1]);
  EXPECT_EQ(Json(*got->items[2]), R"({"n":{"N":"1"},"pk":{"S":"a"}})");
  ASSERT_EQ(got->capacity.size(), 2u);
  EXPECT_EQ(got->capacity[0].read_units, 2);
  EXPECT_EQ(got->capacity[1].read_units, 4);

  request.gets[1].key = Key("a");
  EXPECT_EQ(Run(transactions_->Get(caller_, request)).error().message,
            "Transaction request cannot include multiple operations on one item");
  request.gets[1].key = item::Item();
  EXPECT_EQ(Reasons(Run(transactions_->Get(caller_, request)).error()), "- validation -");
}

}  // namespace
}  // namespace tidemark::table
