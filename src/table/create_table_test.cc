#include "table/create_table.h"

#include <gtest/gtest.h>

namespace tidemark::table {
namespace {

const Caller kCreator{AccountId("123456789012"), Region("us-east-1"), {}};

CreateTableRequest Good() {
  CreateTableRequest request;
  request.table = "Music";
  request.attributes = {{"artist", item::Type::kString}, {"song", item::Type::kNumber}};
  request.key_schema = {{"artist", KeyElement::Role::kHash}, {"song", KeyElement::Role::kRange}};
  request.billing = catalog::BillingMode::kPayPerRequest;
  return request;
}

std::string CreateError(const CreateTableRequest& request) {
  const auto record = MakeTableRecord(kCreator, request);
  return record ? "" : record.error().message;
}

TEST(CreateTable, TakesOverWhatWasAsked) {
  auto request = Good();
  request.tags = {{"team", "blue"}};
  request.deletion_protection = true;
  request.sse = SseRequest{.enabled = true, .type = "KMS", .kms_key = "alias/mine"};
  const auto record = MakeTableRecord(kCreator, request);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->name, "Music");
  EXPECT_EQ(record->keys.partition, (item::KeyAttribute{"artist", item::Type::kString}));
  EXPECT_EQ(record->keys.sort, (item::KeyAttribute{"song", item::Type::kNumber}));
  EXPECT_EQ(record->billing, catalog::BillingMode::kPayPerRequest);
  EXPECT_TRUE(record->deletion_protection);
  EXPECT_EQ(record->sse.key_arn, "arn:aws:kms:us-east-1:123456789012:alias/mine");
  EXPECT_EQ(record->tags, (std::vector<catalog::Tag>{{"team", "blue"}}));
}

TEST(CreateTable, CollectsWhatIsMissing) {
  CreateTableRequest request;
  request.table = "Music";
  const auto record = MakeTableRecord(kCreator, request);
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, ErrorKind::kConstraint);
  EXPECT_EQ(record.error().message,
            "2 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy "
            "constraint: Member must not be null; Value null at 'keySchema' failed to satisfy "
            "constraint: Member must not be null");
}

TEST(CreateTable, WantsExactlyTheKeyAttributesDefined) {
  auto request = Good();
  request.attributes.push_back({"extra", item::Type::kString});
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: Number of attributes in KeySchema does not "
            "exactly match number of attributes defined in AttributeDefinitions");
  request = Good();
  request.attributes.pop_back();
  EXPECT_EQ(CreateError(request), "Invalid KeySchema: Some index key attribute have no definition");
  request = Good();
  request.key_schema = {{"id", KeyElement::Role::kHash}};
  EXPECT_EQ(
      CreateError(request),
      "One or more parameter values were invalid: Some index key attributes are not defined in "
      "AttributeDefinitions. Keys: [id], AttributeDefinitions: [artist, song]");
  request = Good();
  request.attributes[1].name = "artist";
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: Attribute Name is duplicated: artist");
}

TEST(CreateTable, WantsHashBeforeRange) {
  auto request = Good();
  request.key_schema[0].role = KeyElement::Role::kRange;
  EXPECT_EQ(CreateError(request),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  request = Good();
  request.key_schema[1].role = KeyElement::Role::kHash;
  EXPECT_EQ(CreateError(request),
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  request = Good();
  request.key_schema[1].name = "artist";
  EXPECT_EQ(CreateError(request), "Invalid KeySchema: Some index key attribute have no definition");
}

TEST(CreateTable, MatchesThroughputWithBilling) {
  auto request = Good();
  request.throughput = catalog::Throughput{5, 5};
  EXPECT_NE(CreateError(request).find("PAY_PER_REQUEST"), std::string::npos);
  request.billing = std::nullopt;
  EXPECT_EQ(CreateError(request), "");
  request.throughput->read_units = 0;
  EXPECT_EQ(CreateError(request), "Given value 0 for ReadCapacityUnits is out of bounds");
  request.throughput = std::nullopt;
  EXPECT_EQ(
      CreateError(request),
      "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
      "both be specified when BillingMode is PROVISIONED");
}

TEST(CreateTable, SaysWhatThisVersionLacks) {
  auto request = Good();
  request.global_table = true;
  EXPECT_NE(CreateError(request).find("global tables are not available in this version"),
            std::string::npos);
}

TEST(CreateTable, TakesAViewTypeWithAStreamAndOnlyThen) {
  auto request = Good();
  request.stream = StreamRequest{.enabled = true, .view = std::nullopt};
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: Table is being created with a stream "
            "enabled, UpdateViewType is required");
  request.stream = StreamRequest{.enabled = false, .view = catalog::StreamView::kKeysOnly};
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: Table is being created with a stream "
            "disabled, UpdateViewType should not be specified");
  request.stream = StreamRequest{.enabled = false, .view = std::nullopt};
  EXPECT_EQ(CreateError(request), "");
  request.stream = StreamRequest{.enabled = true, .view = catalog::StreamView::kKeysOnly};
  EXPECT_EQ(CreateError(request), "");
}

TEST(CreateTable, NumbersIndexesAndKnowsWhatTheyProject) {
  auto request = Good();
  request.attributes.push_back({"genre", item::Type::kString});
  IndexRequest index;
  index.name = "byGenre";
  index.key_schema = {{"genre", KeyElement::Role::kHash}};
  index.projection = index::Projection::kInclude;
  index.included = {{"year", "album"}};
  request.global_indexes = {index};
  index.name = "local";
  index.key_schema = {{"artist", KeyElement::Role::kHash}, {"genre", KeyElement::Role::kRange}};
  index.projection = index::Projection::kAll;
  index.included.reset();
  request.local_indexes = {index};
  const auto record = MakeTableRecord(kCreator, request);
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_EQ(record->indexes.size(), 2u);
  EXPECT_EQ(record->next_index, 4);
  const auto* global = record->FindIndex("byGenre");
  ASSERT_NE(global, nullptr);
  EXPECT_EQ(global->definition.number, 3);
  EXPECT_EQ(global->definition.projected,
            (std::vector<std::string>{"album", "artist", "genre", "song", "year"}));
  EXPECT_TRUE(record->FindIndex("local")->local);
}

TEST(CreateTable, RefusesDoubledTags) {
  auto request = Good();
  request.tags = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(CreateError(request),
            "Duplicate Tag Keys provided as input: Duplicate Tag Key found a");
}

TEST(CreateTable, TakesMaximaOfTablesOnDemandOnly) {
  auto request = Good();
  request.on_demand = UnitsRequest{.read = 10, .write = std::nullopt};
  EXPECT_EQ(MakeTableRecord(kCreator, request)->on_demand, (catalog::OnDemandThroughput{10, -1}));
  request.on_demand = UnitsRequest();
  EXPECT_EQ(MakeTableRecord(kCreator, request)->on_demand, std::nullopt);
  for (const int64_t units : {0, -1, -2}) {
    request.on_demand = UnitsRequest{.read = std::nullopt, .write = units};
    EXPECT_EQ(CreateError(request),
              "One or more parameter values were invalid: Requested MaxWriteRequestUnits for "
              "OnDemandThroughput for table is outside of valid range");
  }
  request.billing = catalog::BillingMode::kProvisioned;
  request.throughput = catalog::Throughput{5, 5};
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: MaxWriteRequestUnits for "
            "OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.");
}

TEST(CreateTable, IsNotMadeColderThanItIs) {
  auto request = Good();
  request.warm = UnitsRequest{.read = 12001, .write = std::nullopt};
  EXPECT_EQ(MakeTableRecord(kCreator, request)->warm, (catalog::Throughput{12001, 4000}));
  request.warm->write = 1;
  EXPECT_NE(
      CreateError(request).find("Requested WriteUnitsPerSecond for WarmThroughput for table is "
                                "lower than initial throughput for OnDemand. See: https://"),
      std::string::npos);
  request.billing = catalog::BillingMode::kProvisioned;
  request.throughput = catalog::Throughput{5, 5};
  EXPECT_EQ(CreateError(request),
            "One or more parameter values were invalid: Requested WriteUnitsPerSecond for "
            "WarmThroughput for table is lower than WriteCapacityUnits of ProvisionedThroughput");
}

}  // namespace
}  // namespace tidemark::table
