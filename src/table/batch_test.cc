#include "table/batch.h"

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

class BatchTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTable("One", kHashOnly);
    CreateTable("Two", kHashOnly);
  }
  static item::Item Key(std::string key) { return Make({{"pk", S(std::move(key))}}); }
};

TEST_F(BatchTest, WritesAndReadsOverTables) {
  Put("Two", Key("gone"));
  BatchWriteRequest write;
  write.tables.push_back(
      {"One", {BatchPut{Make({{"pk", S("a")}, {"n", N(1)}})}, BatchPut{Key("b")}}});
  write.tables.push_back({"Two", {BatchPut{Key("c")}, BatchDelete{Key("gone")}}});
  const auto written = Run(batches_->Write(caller_, write));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->unprocessed.empty());
  EXPECT_EQ(written->capacity[0].write_units, 2);
  EXPECT_EQ(written->capacity[1].write_units, 2);

  BatchGetRequest get;
  get.tables.push_back(
      {.table = "One", .keys = {Key("a"), Key("b"), Key("zzz")}, .expressions = {}});
  get.tables.push_back({.table = "Two",
                        .keys = {Key("c"), Key("gone")},
                        .consistent_read = true,
                        .expressions = {}});
  get.tables[0].expressions.projection = "n";
  const auto got = Run(batches_->Get(caller_, get));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->answers.size(), 2u);
  ASSERT_EQ(got->answers[0].items.size(), 2u);
  EXPECT_EQ(Json(got->answers[0].items[0]), R"({"n":{"N":"1"}})");
  ASSERT_EQ(got->answers[1].items.size(), 1u);
  EXPECT_EQ(Json(got->answers[1].items[0]), R"({"pk":{"S":"c"}})");
  EXPECT_EQ(got->capacity[0].read_units, 1.5);
  EXPECT_EQ(got->capacity[1].read_units, 2);
  EXPECT_TRUE(got->unprocessed.empty());
}

TEST_F(BatchTest, RefusesDuplicatesAlsoUnderAnotherName) {
  const std::string text = "Provided list of item keys contains duplicates";
  BatchGetRequest get;
  get.tables.push_back({.table = "One", .keys = {Key("a")}, .expressions = {}});
  get.tables.push_back({.table = "arn:aws:dynamodb:us-east-1:123456789012:table/One",
                        .keys = {Key("a")},
                        .expressions = {}});
  EXPECT_EQ(Run(batches_->Get(caller_, get)).error().message, text);
  BatchWriteRequest write;
  write.tables.push_back({"One", {BatchPut{Key("a")}, BatchDelete{Key("a")}}});
  EXPECT_EQ(Run(batches_->Write(caller_, write)).error().message, text);
  EXPECT_EQ(Get("One", Key("a")), "");
}

TEST_F(BatchTest, BoundsItsNumbers) {
  BatchGetRequest get;
  get.tables.push_back({.table = "One", .keys = {}, .expressions = {}});
  for (int i = 0; i <= 100; ++i) get.tables[0].keys.push_back(Key(std::to_string(i)));
  EXPECT_EQ(Run(batches_->Get(caller_, get)).error().message,
            "Too many items requested for the BatchGetItem call");
  BatchWriteRequest write;
  write.tables.push_back({"One", {}});
  for (int i = 0; i <= 25; ++i) write.tables[0].writes.push_back(BatchPut{Key(std::to_string(i))});
  EXPECT_EQ(Run(batches_->Write(caller_, write)).error().message,
            "Too many items requested for the BatchWriteItem call");
}

TEST_F(BatchTest, HandsBackWhatPasses16MB) {
  BatchGetRequest get;
  get.tables.push_back({.table = "One", .keys = {}, .expressions = {}});
  for (int i = 0; i < 60; ++i) {
    const auto key = "k" + std::to_string(i);
    Put("One", Make({{"pk", S(key)}, {"b", S(std::string(300 * 1024, 'x'))}}));
    get.tables[0].keys.push_back(Key(key));
  }
  const auto got = Run(batches_->Get(caller_, get));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->answers[0].items.size(), 54u);
  ASSERT_EQ(got->unprocessed.size(), 1u);
  EXPECT_EQ(got->unprocessed[0].keys.size(), 6u);
  EXPECT_EQ(got->unprocessed[0].keys[0], Key("k54"));
}

}  // namespace
}  // namespace tidemark::table
