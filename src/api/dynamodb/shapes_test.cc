#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/dynamodb/shapes_gen.h"
#include "api/wire/value_faults.h"

namespace tidemark::api::dynamodb {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

codec::JsonValue Json(std::string_view text) {
  static codec::JsonParser parser;
  auto json = parser.Parse(text);
  EXPECT_TRUE(json) << text;
  return *json;
}

template <class T>
std::string TextOf(const Result<T>& result, ErrorKind kind) {
  if (result) return "no error";
  EXPECT_EQ(result.error().kind, kind) << result.error().message;
  return result.error().message;
}

template <class T>
std::string Wrong(const Result<T>& result) {
  return TextOf(result, ErrorKind::kSerialization);
}
template <class T>
std::string Violations(const Result<T>& result) {
  return TextOf(result, ErrorKind::kConstraint);
}

TEST(Shapes, ReadEveryKindOfMember) {
  auto put = ParsePutItem(Json(R"({
      "TableName": "Music", "Item": {"Artist": {"S": "Nina"}, "Year": {"N": "1965"}},
      "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL",
      "ConditionExpression": "#y > :y", "ExpressionAttributeNames": {"#y": "Year"},
      "ExpressionAttributeValues": {":y": {"N": "1"}}, "Unknown": [1, {"a": null}],
      "ReturnValuesOnConditionCheckFailure": null})"));
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->table_name, "Music");
  EXPECT_EQ(put->item->size(), 2u);
  EXPECT_EQ(put->return_values, ReturnValue::kAllOld);
  EXPECT_EQ(put->return_consumed_capacity, ReturnConsumedCapacity::kTotal);
  EXPECT_EQ(put->expression_attribute_names, (expr::NameList{{"#y", "Year"}}));
  EXPECT_TRUE(put->expression_attribute_values->contains(":y"));
  EXPECT_FALSE(put->return_values_on_condition_check_failure);

  auto restore = ParseRestoreTableToPointInTime(Json(R"({
      "SourceTableName": "Music", "TargetTableName": "Music2", "RestoreDateTime": 1489602797.149,
      "ProvisionedThroughputOverride": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 7.9},
      "GlobalSecondaryIndexOverride": []})"));
  ASSERT_TRUE(restore) << restore.error().message;
  EXPECT_EQ(ToMicros(*restore->restore_date_time), 1489602797149000);
  EXPECT_EQ(restore->provisioned_throughput_override->write_capacity_units, 7);
  EXPECT_TRUE(restore->global_secondary_index_override->empty());

  auto batch = ParseBatchWriteItem(Json(R"({"RequestItems": {"Music": [
      {"PutRequest": {"Item": {"pk": {"S": "a"}}}},
      {"DeleteRequest": {"Key": {"pk": {"S": "b"}}}}]}})"));
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->request_items->at(0).first, "Music");
  EXPECT_TRUE(batch->request_items->at(0).second[0].put_request);
  EXPECT_TRUE(batch->request_items->at(0).second[1].delete_request);
}

TEST(Shapes, TellWrongJsonTypesInTheServicesWords) {
  auto table = [](std::string_view json) {
    return Wrong(ParseDescribeTable(Json(fmt::format(R"({{"TableName": {}}})", json))));
  };
  EXPECT_EQ(table("23"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(table("34.56"), "DECIMAL_VALUE cannot be converted to String");
  EXPECT_EQ(table("true"), "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(table("[]"), "Unrecognized collection type class java.lang.String");
  EXPECT_EQ(table("{}"), "Start of structure or map found where not expected");

  auto scan = [](std::string_view member) {
    return Wrong(ParseScan(Json(fmt::format(R"({{"TableName": "abc", {}}})", member))));
  };
  EXPECT_EQ(scan(R"("Limit": "1")"), "STRING_VALUE cannot be converted to Integer");
  EXPECT_EQ(scan(R"("Limit": {})"), "Start of structure or map found where not expected");
  EXPECT_EQ(scan(R"("ConsistentRead": "x")"), "Unexpected token received from parser");
  EXPECT_EQ(scan(R"("ConsistentRead": 1)"), "NUMBER_VALUE cannot be converted to Boolean");
  EXPECT_EQ(scan(R"("ExpressionAttributeNames": 1)"), "Unexpected field type");
  EXPECT_EQ(scan(R"("ExclusiveStartKey": {"a": {"S": 1}})"),
            "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(scan(R"("AttributesToGet": {})"), "Start of structure or map found where not expected");
  EXPECT_EQ(scan(R"("AttributesToGet": 1)"), "Unexpected field type");

  EXPECT_EQ(Wrong(ParseCreateTable(Json(R"({"KeySchema": [1]})"))),
            "Unexpected value type in payload");
  EXPECT_EQ(Wrong(ParseCreateTable(Json(R"({"KeySchema": [[]]})"))),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement");
  EXPECT_EQ(Wrong(ParseCreateTable(Json(R"({"ProvisionedThroughput": 1})"))),
            "Unexpected field type");
  EXPECT_EQ(Wrong(ParseRestoreTableToPointInTime(Json(R"({"RestoreDateTime": "2026-01-01"})"))),
            "STRING_VALUE can not be converted to milliseconds since epoch");
  EXPECT_EQ(Wrong(ParseListTables(Json("[]"))),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.ListTablesInput");
  EXPECT_EQ(Wrong(ParseListTables(Json("1"))), "Unexpected value type in payload");
}

TEST(Shapes, TellOneViolation) {
  EXPECT_EQ(Violations(ParseDescribeTable(Json("{}"))),
            "The parameter 'TableName' is required but was not present in the request");
  EXPECT_EQ(Violations(ParseUpdateContinuousBackups(Json(
                R"({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}})"))),
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
            "Member must not be null");
  EXPECT_EQ(Violations(ParseListTables(Json(R"({"Limit": 101})"))),
            "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
            "Member must have value less than or equal to 100");
  EXPECT_EQ(
      Violations(ParseGetItem(
          Json(R"({"TableName": "abc", "Key": {}, "ReturnConsumedCapacity": "ALL"})"))),
      "1 validation error detected: Value 'ALL' at 'returnConsumedCapacity' failed to satisfy "
      "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]");
  EXPECT_EQ(Violations(ParseUpdateContinuousBackups(Json(
                R"({"TableName": "abc", "PointInTimeRecoverySpecification":
                    {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 36}})"))),
            "1 validation error detected: Value '36' at "
            "'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: "
            "Member must have value less than or equal to 35");
}

TEST(Shapes, CollectAllViolationsInOneText) {
  EXPECT_EQ(Violations(ParseCreateBackup(Json(R"({"TableName": "", "BackupName": "a;"})"))),
            "3 validation errors detected: "
            "Value '' at 'tableName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1; "
            "Value 'a;' at 'backupName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 3; "
            "Value 'a;' at 'backupName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
}

TEST(Shapes, NameTheWayToElementsAndEntries) {
  EXPECT_EQ(Violations(ParseCreateTable(Json(
                R"({"TableName": "abc", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"},
                    {"AttributeName": "b", "KeyType": "Woop"}]})"))),
            "1 validation error detected: Value 'Woop' at 'keySchema.2.member.keyType' failed to "
            "satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]");
  EXPECT_EQ(
      Violations(ParseBatchWriteItem(Json(R"({"RequestItems": {"Music": [{"PutRequest": {}}]}})"))),
      "1 validation error detected: Value null at "
      "'requestItems.Music.member.1.member.putRequest.item' failed to satisfy constraint: "
      "Member must not be null");
}

TEST(Shapes, TellListLengthsOfMapEntriesWithTheMap) {
  EXPECT_EQ(Violations(ParseBatchWriteItem(Json(R"({"RequestItems": {"Music": []}})"))),
            "1 validation error detected: Value '{Music=[]}' at 'requestItems' failed to satisfy "
            "constraint: Map value must satisfy constraint: [Member must have length less than or "
            "equal to 25, Member must have length greater than or equal to 1]");
  std::string writes;
  for (int i = 0; i < 26; ++i) writes += R"({"DeleteRequest": {"Key": {}}},)";
  writes.pop_back();
  EXPECT_EQ(Violations(ParseBatchWriteItem(
                Json(fmt::format(R"({{"RequestItems": {{"Music": [{}]}}}})", writes)))),
            "1 validation error detected: Value at 'RequestItems.Music.member' failed to satisfy "
            "constraint: Member must have length less than or equal to 25");
}

TEST(Shapes, RankTypesBeforeConstraintsBeforeAttributeValues) {
  const std::string bad_value = R"("Item": {"a": {"SS": []}})";
  auto only_value = ParsePutItem(Json("{\"TableName\": \"abc\", " + bad_value + "}"));
  EXPECT_THAT(TextOf(only_value, ErrorKind::kValidation), HasSubstr("may not be empty"));
  auto constraint = ParsePutItem(Json("{" + bad_value + "}"));
  EXPECT_THAT(Violations(constraint), StartsWith("1 validation error detected"));
  auto type = ParsePutItem(Json("{" + bad_value + R"(, "ConditionExpression": 1})"));
  EXPECT_EQ(Wrong(type), "NUMBER_VALUE cannot be converted to String");
}

TEST(Shapes, LeaveFaultsOfValuesToWhoAsksForThem) {
  const auto json = Json(R"({"TableName": "abc", "Key": {"k": {"SS": []}, "l": {"N": "x"}},
      "ExpressionAttributeValues": {":a": {"N": "1"}, ":b": {}}})");
  wire::ValueFaults faults;
  auto input = ParseDeleteItem(json, &faults);
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_TRUE(faults.Check("Expected"));
  EXPECT_THAT(faults.Check("Key").error().message, HasSubstr("An string set  may not be empty"));
  EXPECT_EQ(faults.CheckNamingEntry("ExpressionAttributeValues").error().message,
            "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, "
            "must contain exactly one of the supported datatypes for key :b");
  EXPECT_FALSE(faults.CheckAll());
  EXPECT_FALSE(ParseDeleteItem(json));
}

TEST(Shapes, BoundNamesOfTablesButNotArns) {
  auto table = [](std::string_view name) {
    return ParseGetItem(Json(fmt::format(R"({{"TableName": "{}", "Key": {{}}}})", name)));
  };
  EXPECT_TRUE(table("abc"));
  EXPECT_TRUE(table("arn:aws:dynamodb:us-east-1:123456789012:table/abc"));
  const std::string begin = "1 validation error detected: Value ";
  EXPECT_EQ(Violations(table("")),
            begin +
                "'' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 1");
  EXPECT_EQ(Violations(table("ab")),
            begin +
                "'ab' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 3");
  EXPECT_EQ(Violations(table("a b c")),
            begin +
                "'a b c' at 'tableName' failed to satisfy constraint: Member must satisfy "
                "regular expression pattern: [a-zA-Z0-9_.-]+");
  EXPECT_THAT(Violations(table(std::string(256, 'a'))), HasSubstr("less than or equal to 255"));
}

TEST(Shapes, TellViolationsInTheOrderOfTheService) {
  EXPECT_EQ(
      Violations(ParseUpdateItem(
          Json(R"({"ReturnValues": "X", "TableName": "", "ReturnConsumedCapacity": "Y"})"))),
      "4 validation errors detected: Value 'Y' at 'returnConsumedCapacity' failed to satisfy "
      "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value '' at "
      "'tableName' failed to satisfy constraint: Member must have length greater than or "
      "equal to 1; Value 'X' at 'returnValues' failed to satisfy constraint: Member must "
      "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value null "
      "at 'key' failed to satisfy constraint: Member must not be null");
}

TEST(Shapes, TellSomeViolationsAlone) {
  const std::string key = R"("Key": {}, "Item": {}, )";
  const auto put = ParsePutItem(Json("{" + key + R"("ReturnValues": "X", "TableName": "a"})"));
  EXPECT_THAT(Violations(put), StartsWith("1 validation error detected: Value 'a' at 'tableName'"));
  const auto update = ParseUpdateItem(Json(
      "{" + key + R"("ReturnConsumedCapacity": "Y", "ReturnValues": "X", "TableName": "abc"})"));
  EXPECT_THAT(Violations(update),
              StartsWith("1 validation error detected: Value 'X' at 'returnValues'"));
}

TEST(Shapes, TellAnEnumInTheNewerFormBeforeAllElse) {
  const std::string members =
      R"({"TableName": "abc", "Select": "X", "ConditionalOperator": "XOR"})";
  EXPECT_EQ(TextOf(ParseQuery(Json(members)), ErrorKind::kValidation),
            "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]");
  EXPECT_THAT(Violations(ParseScan(Json(members))), StartsWith("2 validation errors detected"));
  EXPECT_THAT(
      Violations(ParseUpdateItem(Json(R"({"TableName": "abc", "ConditionalOperator": "XOR"})"))),
      StartsWith("2 validation errors detected: Value 'XOR' at 'conditionalOperator' failed "
                 "to satisfy constraint: Member must satisfy enum value set: [OR, AND]; "));
}

TEST(Shapes, TellSomeViolationsInTheNewerForm) {
  EXPECT_EQ(Violations(ParseQuery(Json(R"({"TableName": "abc", "Limit": 0})"))),
            "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member "
            "must have value greater than or equal to 1");
  EXPECT_EQ(
      Violations(ParseBatchGetItem(Json(R"({"RequestItems": {"abc": {"Keys": []}}})"))),
      "1 validation error detected: Value at 'RequestItems.abc.member.Keys' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1");
}

TEST(Shapes, BoundWhatTheyPrintAndCount) {
  std::string name(5000, 'x');
  auto text = Violations(ParseDescribeTable(Json(fmt::format(R"({{"TableName": "{}"}})", name))));
  EXPECT_LT(text.size(), 1500u);
  EXPECT_THAT(text, HasSubstr("x...' at 'tableName'"));

  std::string keys;
  for (int i = 0; i < 1000; ++i) keys += i ? ",null" : "null";
  text = Violations(ParseBatchGetItem(
      Json(fmt::format(R"({{"RequestItems": {{"abc": {{"Keys": [{}]}}}}}})", keys))));
  EXPECT_THAT(text, StartsWith("100 validation errors detected"));
}

TEST(Shapes, CountCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "\xc3\xa9";
  const auto json = Json(fmt::format(
      R"({{"TableName": "abc", "KeySchema": [{{"AttributeName": "{}", "KeyType": "HASH"}}]}})",
      name));
  EXPECT_TRUE(ParseCreateTable(json));
}

TEST(Shapes, SurviveNumbersBeyondAnyInteger) {
  auto limit = [](std::string_view number) {
    return ParseScan(Json(fmt::format(R"({{"TableName": "abc", "Limit": {}}})", number)));
  };
  EXPECT_EQ(limit("1e300")->limit, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(limit("18446744073709551615")->limit, std::numeric_limits<int64_t>::max());
  EXPECT_THAT(Violations(limit("-1e300")), HasSubstr("greater than or equal to 1"));
}

}  // namespace
}  // namespace tidemark::api::dynamodb
