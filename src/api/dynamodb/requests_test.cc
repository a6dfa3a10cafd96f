// From shapes to requests: restores, backup ARNs, AttributesToGet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/dynamodb/backup_arn.h"
#include "api/dynamodb/item_parameters.h"
#include "api/dynamodb/restore_request.h"

namespace tidemark::api::dynamodb {
namespace {

using testing::HasSubstr;

constexpr char kArn[] =
    "arn:aws:dynamodb:us-east-1:123456789012:table/Music/backup/01489602797149-73d8d5bc";

table::Caller Caller() {
  return {.account = AccountId("123456789012"), .region = Region("us-east-1"), .origin = {}};
}

template <class T>
std::string Refused(const Result<T>& result, ErrorKind kind = ErrorKind::kValidation) {
  if (result) return "no error";
  EXPECT_EQ(result.error().kind, kind);
  return result.error().message;
}

RestoreTableToPointInTimeInput ToLatest() {
  RestoreTableToPointInTimeInput input;
  input.source_table_name = "Music";
  input.target_table_name = "Music2";
  input.use_latest_restorable_time = true;
  return input;
}

TEST(RestoreRequest, WantsExactlyOneInstant) {
  auto input = ToLatest();
  EXPECT_TRUE(ToRestore(Caller(), input));
  input = ToLatest();
  input.restore_date_time = FromMicros(1);
  EXPECT_THAT(Refused(ToRestore(Caller(), input)), HasSubstr("UseLatestRestorableTime"));
  input = ToLatest();
  input.use_latest_restorable_time = false;
  EXPECT_THAT(Refused(ToRestore(Caller(), input)), HasSubstr("RestoreDateTime"));
  input = ToLatest();
  input.use_latest_restorable_time = false;
  input.restore_date_time = FromMicros(7);
  auto request = ToRestore(Caller(), input);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->time, FromMicros(7));
}

TEST(RestoreRequest, NamesTheSourceOnceOrTwiceAlike) {
  auto input = ToLatest();
  input.source_table_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Music";
  auto request = ToRestore(Caller(), input);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->source_table, "Music");
  input = ToLatest();
  input.source_table_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Other";
  EXPECT_THAT(Refused(ToRestore(Caller(), input)), HasSubstr("different tables"));
  input = ToLatest();
  input.source_table_name.reset();
  EXPECT_THAT(Refused(ToRestore(Caller(), input)), HasSubstr("must be specified"));
}

TEST(RestoreRequest, TellsNoIndexesFromAllOfThem) {
  auto input = ToLatest();
  input.global_secondary_index_override.emplace();
  input.local_secondary_index_override.emplace().push_back(
      {.index_name = "ByYear",
       .key_schema = {{{.attribute_name = "artist", .key_type = KeyType::kHash},
                       {.attribute_name = "year", .key_type = KeyType::kRange}}},
       .projection = Projection{.projection_type = ProjectionType::kAll}});
  const auto request = ToRestore(Caller(), input);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->overrides.global_indexes->empty());
  ASSERT_EQ(request->overrides.local_indexes->size(), 1u);
  EXPECT_EQ(request->overrides.local_indexes->front().name, "ByYear");
  EXPECT_EQ(request->overrides.local_indexes->front().key_schema.size(), 2u);
  auto all = ToLatest();
  EXPECT_FALSE(ToRestore(Caller(), all)->overrides.local_indexes.has_value());
}

TEST(RestoreRequest, CarriesOverrides) {
  RestoreTableFromBackupInput input;
  input.backup_arn = kArn;
  input.target_table_name = "Music2";
  input.billing_mode_override = BillingMode::kProvisioned;
  input.provisioned_throughput_override = {.read_capacity_units = 3, .write_capacity_units = 4};
  input.sse_specification_override = {
      .enabled = true, .sse_type = SSEType::kKms, .kms_master_key_id = "alias/mine"};
  auto request = ToRestore(Caller(), input);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->backup_arn, kArn);
  EXPECT_EQ(request->overrides.billing, catalog::BillingMode::kProvisioned);
  EXPECT_EQ(request->overrides.throughput->write_units, 4);
  EXPECT_EQ(request->overrides.sse->key_arn, "arn:aws:kms:us-east-1:123456789012:alias/mine");
}

TEST(RestoreRequest, WantsAKeyChosenForAnotherRegion) {
  RestoreTableFromBackupInput input;
  input.backup_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/Music/backup/0148960-73d8d5bc";
  input.target_table_name = "Music2";
  EXPECT_THAT(Refused(ToRestore(Caller(), input)), HasSubstr("SSESpecificationOverride"));
  input.sse_specification_override.emplace();
  EXPECT_TRUE(ToRestore(Caller(), input));
}

TEST(BackupArn, IsTakenApart) {
  auto parts = ParseBackupArn(Caller(), kArn);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->table, "Music");
  EXPECT_EQ(parts->backup, "01489602797149-73d8d5bc");
}

TEST(BackupArn, OfAnotherAccountIsDeniedBeforeAnythingElse) {
  for (auto arn : {"arn:aws:dynamodb:us-east-1:999999999999:table/Music/backup/0148-73d8",
                   "arn:aws:dynamodb:us-east-1::table/Music/backup/0148-73d8",
                   "arn:aws:dynamodb:us-east-1:999999999999:nonsense"}) {
    EXPECT_EQ(Refused(ParseBackupArn(Caller(), arn), ErrorKind::kAccessDenied), "Access is denied");
  }
  for (auto arn : {"arn:aws:s3:::bucket/with/a/long/enough/name/indeed",
                   "arn:aws:dynamodb:us-east-1:123456789012:table/Music",
                   "arn:aws:dynamodb:us-east-1:123456789012:table//backup/0148-73d8"}) {
    EXPECT_THAT(Refused(ParseBackupArn(Caller(), arn)), HasSubstr("not valid"));
  }
}

TEST(AttributesToGet, MeetsNoExpression) {
  GetItemInput input;
  input.attributes_to_get = {"a"};
  input.projection_expression = "a";
  EXPECT_EQ(Refused(TakeReadExpressions(input)),
            "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {AttributesToGet} Expression parameters: "
            "{ProjectionExpression}");
  GetItemInput twice;
  twice.attributes_to_get = {"a", "a"};
  EXPECT_THAT(Refused(TakeReadExpressions(twice)),
              HasSubstr("Duplicate value in attribute name: a"));
}

}  // namespace
}  // namespace tidemark::api::dynamodb
