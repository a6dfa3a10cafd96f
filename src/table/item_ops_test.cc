#include "table/item_ops.h"

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

class ItemOpsTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTable("Things", kHashOnly);
  }

  UpdateRequest UpdateOf(std::string key, std::optional<std::string> expression = std::nullopt) {
    UpdateRequest request;
    request.table = "Things";
    request.key = Make({{"pk", S(std::move(key))}});
    request.expressions.update = std::move(expression);
    return request;
  }
  static void AddValue(Expressions* expressions, std::string name, item::AttributeValue value) {
    expressions->values.Set(name, std::move(value));
    expressions->values_given = true;
  }
};

TEST_F(ItemOpsTest, GivesBackWhatWasPut) {
  Put("Things", Make({{"pk", S("a")}, {"n", N(7)}}));
  EXPECT_EQ(Get("Things", Make({{"pk", S("a")}})), R"({"n":{"N":"7"},"pk":{"S":"a"}})");
  EXPECT_EQ(Get("Things", Make({{"pk", S("b")}})), "");
  EXPECT_EQ(Get("arn:aws:dynamodb:us-east-1:123456789012:table/Things", Make({{"pk", S("a")}})),
            R"({"n":{"N":"7"},"pk":{"S":"a"}})");
}

TEST_F(ItemOpsTest, ProjectsWhatIsRead) {
  Put("Things", Make({{"pk", S("a")}, {"n", N(7)}, {"m", N(8)}}));
  GetRequest request;
  request.table = "Things";
  request.key = Make({{"pk", S("a")}});
  request.consistent_read = true;
  request.expressions.projection = "#n";
  request.expressions.names = {{"#n", "n"}};
  request.expressions.names_given = true;
  const auto got = Run(items_->Get(caller_, request));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(Json(*got->item), R"({"n":{"N":"7"}})");
  EXPECT_EQ(got->capacity.read_units, 1);
  request.expressions.names.push_back({"#unused", "x"});
  EXPECT_EQ(Run(items_->Get(caller_, request)).error().kind, ErrorKind::kValidation);
}

TEST_F(ItemOpsTest, MissesTablesThatAreNotThere) {
  PutRequest request;
  request.table = "Nothing";
  request.item = Make({{"pk", S("a")}});
  const auto put = Run(items_->Put(caller_, request));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kResourceNotFound);
  EXPECT_EQ(put.error().message, "Requested resource not found");
}

TEST_F(ItemOpsTest, PutReturnsAndChargesTheOldItem) {
  Put("Things", Make({{"pk", S("a")}, {"big", S(std::string(3000, 'x'))}}));
  PutRequest request;
  request.table = "Things";
  request.item = Make({{"pk", S("a")}});
  request.return_values = ReturnValues::kAllOld;
  const auto put = Run(items_->Put(caller_, request));
  ASSERT_TRUE(put) << put.error().message;
  ASSERT_TRUE(put->attributes);
  EXPECT_EQ(put->attributes->Decode()->size(), 2u);
  EXPECT_EQ(put->capacity.write_units, 3);
  request.return_values = ReturnValues::kAllNew;
  EXPECT_EQ(Run(items_->Put(caller_, request)).error().message,
            "1 validation error detected: ReturnValues can only be ALL_OLD or NONE");
}

TEST_F(ItemOpsTest, RefusesItemsAbove400KiB) {
  PutRequest request;
  request.table = "Things";
  request.item = Make({{"pk", S("a")}, {"b", S(std::string(400 * 1024 - 4, 'x'))}});
  EXPECT_TRUE(Run(items_->Put(caller_, request)));
  request.item = Make({{"pk", S("a")}, {"b", S(std::string(400 * 1024 - 3, 'x'))}});
  EXPECT_EQ(Run(items_->Put(caller_, request)).error().message,
            "Item size has exceeded the maximum allowed size");
  auto update = UpdateOf("a", "SET c = :c");
  AddValue(&update.expressions, ":c", S("xx"));
  EXPECT_EQ(Run(items_->Update(caller_, update)).error().message,
            "Item size to update has exceeded the maximum allowed size");
}

TEST_F(ItemOpsTest, FailedConditionsCarryTheOldItemWhenAsked) {
  Put("Things", Make({{"pk", S("a")}, {"n", N(1)}}));
  PutRequest request;
  request.table = "Things";
  request.item = Make({{"pk", S("a")}});
  request.expressions.condition = "attribute_not_exists(pk)";
  auto put = Run(items_->Put(caller_, request));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kConditionFailed);
  EXPECT_EQ(put.error().message, "The conditional request failed");
  EXPECT_EQ(put.error().detail, nullptr);
  request.on_condition_failure = ReturnOnConditionFailure::kAllOld;
  put = Run(items_->Put(caller_, request));
  const auto* detail = dynamic_cast<const ConditionFailure*>(put.error().detail.get());
  ASSERT_NE(detail, nullptr);
  EXPECT_EQ(Json(detail->item), R"({"n":{"N":"1"},"pk":{"S":"a"}})");
  EXPECT_EQ(Get("Things", Make({{"pk", S("a")}})), R"({"n":{"N":"1"},"pk":{"S":"a"}})");
}

TEST_F(ItemOpsTest, UpdateMakesTheItemItDoesNotFind) {
  auto update = UpdateOf("new", "ADD n :one");
  AddValue(&update.expressions, ":one", N(1));
  update.return_values = ReturnValues::kUpdatedNew;
  for (int i = 1; i <= 3; ++i) {
    const auto done = Run(items_->Update(caller_, update));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(Json(*done->attributes), R"({"n":{"N":")" + std::to_string(i) + R"("}})");
  }
  EXPECT_EQ(Get("Things", Make({{"pk", S("new")}})), R"({"n":{"N":"3"},"pk":{"S":"new"}})");
}

TEST_F(ItemOpsTest, UpdateWithoutExpressionMakesAKeyOnlyItem) {
  auto update = UpdateOf("bare");
  update.return_values = ReturnValues::kAllNew;
  const auto done = Run(items_->Update(caller_, update));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(Json(*done->attributes), R"({"pk":{"S":"bare"}})");
  EXPECT_EQ(Get("Things", Make({{"pk", S("bare")}})), R"({"pk":{"S":"bare"}})");
}

TEST_F(ItemOpsTest, RemovingFromNothingMakesNoItem) {
  const auto done = Run(items_->Update(caller_, UpdateOf("ghost", "REMOVE n")));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(Get("Things", Make({{"pk", S("ghost")}})), "");
}

TEST_F(ItemOpsTest, UpdateReturnsWhatWasAskedFor) {
  const auto returned = [&](ReturnValues values) -> std::string {
    Put("Things", Make({{"pk", S("a")}, {"n", N(1)}, {"m", N(2)}}));
    auto update = UpdateOf("a", "SET n = n + :one");
    AddValue(&update.expressions, ":one", N(1));
    update.return_values = values;
    const auto done = Run(items_->Update(caller_, update));
    EXPECT_TRUE(done) << done.error().message;
    return done && done->attributes ? Json(*done->attributes) : "";
  };
  EXPECT_EQ(returned(ReturnValues::kNone), "");
  EXPECT_EQ(returned(ReturnValues::kAllOld), R"({"m":{"N":"2"},"n":{"N":"1"},"pk":{"S":"a"}})");
  EXPECT_EQ(returned(ReturnValues::kAllNew), R"({"m":{"N":"2"},"n":{"N":"2"},"pk":{"S":"a"}})");
  EXPECT_EQ(returned(ReturnValues::kUpdatedOld), R"({"n":{"N":"1"}})");
  EXPECT_EQ(returned(ReturnValues::kUpdatedNew), R"({"n":{"N":"2"}})");
}

TEST_F(ItemOpsTest, KeysCannotBeUpdated) {
  auto update = UpdateOf("a", "SET pk = :v");
  AddValue(&update.expressions, ":v", S("b"));
  EXPECT_EQ(
      Run(items_->Update(caller_, update)).error().message,
      "One or more parameter values were invalid: Cannot update attribute pk. This attribute is "
      "part of the key");
}

TEST_F(ItemOpsTest, DeleteReturnsWhatItTookAway) {
  Put("Things", Make({{"pk", S("a")}, {"n", N(1)}}));
  DeleteRequest request;
  request.table = "Things";
  request.key = Make({{"pk", S("a")}});
  request.return_values = ReturnValues::kAllOld;
  auto done = Run(items_->Delete(caller_, request));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(Json(*done->attributes), R"({"n":{"N":"1"},"pk":{"S":"a"}})");
  done = Run(items_->Delete(caller_, request));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(done->attributes);
  request.expressions.condition = "attribute_exists(pk)";
  EXPECT_EQ(Run(items_->Delete(caller_, request)).error().kind, ErrorKind::kConditionFailed);
}

TEST_F(ItemOpsTest, WritesThatChangeNothingLeaveNoTrace) {
  Put("Things", Make({{"pk", S("a")}, {"n", N(1)}}));
  const auto before = shard_->log().last_commit();
  clock_.Advance(std::chrono::seconds(1));
  Put("Things", Make({{"pk", S("a")}, {"n", N(1)}}));
  EXPECT_EQ(shard_->log().last_commit(), before);
  Put("Things", Make({{"pk", S("a")}, {"n", N(2)}}));
  EXPECT_GT(shard_->log().last_commit(), before);
}

TEST_F(ItemOpsTest, TotalsFollowTheItems) {
  Put("Things", Make({{"pk", S("a")}, {"n", S("12345")}}));  // 2 + 1 + 1 + 5
  Put("Things", Make({{"pk", S("b")}}));                     // 2 + 1
  const auto described = Run(control_->Describe(caller_, "Things"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->item_count, 2u);
  EXPECT_EQ(described->size_bytes, 12u);
}

}  // namespace
}  // namespace tidemark::table
