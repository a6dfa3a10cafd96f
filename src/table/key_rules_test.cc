#include "table/key_rules.h"

#include <gtest/gtest.h>

#include "table/capacity.h"
#include "table/requests.h"
#include "table/table_name.h"
#include "table/test_items.h"

namespace tidemark::table {
namespace {

std::string MessageOf(const Result<void>& result) { return result ? "" : result.error().message; }

TEST(KeyRules, AcceptWhatFitsTheSchema) {
  EXPECT_EQ(
      MessageOf(CheckItemKey(kHashAndRange, Make({{"pk", S("a")}, {"sk", N(1)}, {"x", S("")}}))),
      "");
  EXPECT_EQ(MessageOf(CheckKey(kHashAndRange, Make({{"pk", S("a")}, {"sk", N(1)}}))), "");
}

TEST(KeyRules, NameTheKeyAnItemLacks) {
  EXPECT_EQ(MessageOf(CheckItemKey(kHashAndRange, Make({{"pk", S("a")}}))),
            "One or more parameter values were invalid: Missing the key sk in the item");
}

TEST(KeyRules, NameTheTypesThatDiffer) {
  EXPECT_EQ(
      MessageOf(CheckItemKey(kHashOnly, Make({{"pk", N(1)}}))),
      "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N");
}

TEST(KeyRules, RefuseKeysOfAnotherShape) {
  const std::string text = "The provided key element does not match the schema";
  EXPECT_EQ(MessageOf(CheckKey(kHashAndRange, Make({{"pk", S("a")}}))), text);
  EXPECT_EQ(MessageOf(CheckKey(kHashOnly, Make({{"pk", S("a")}, {"sk", N(1)}}))), text);
  EXPECT_EQ(MessageOf(CheckKey(kHashOnly, Make({{"id", S("a")}}))), text);
  EXPECT_EQ(MessageOf(CheckKey(kHashOnly, Make({{"pk", N(1)}}))), text);
}

TEST(KeyRules, RefuseEmptyKeyValues) {
  EXPECT_EQ(
      MessageOf(CheckKey(kHashOnly, Make({{"pk", S("")}}))),
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: pk");
  const item::KeySchema binary{{"pk", item::Type::kBinary}, std::nullopt};
  EXPECT_EQ(
      MessageOf(CheckItemKey(binary, Make({{"pk", item::AttributeValue(item::Binary{})}}))),
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty binary value. Key: pk");
}

TEST(KeyRules, BoundTheSizeOfKeys) {
  const item::KeySchema schema{{"pk", item::Type::kString},
                               item::KeyAttribute{"sk", item::Type::kString}};
  const auto key = [](size_t partition, size_t sort) {
    return Make({{"pk", S(std::string(partition, 'a'))}, {"sk", S(std::string(sort, 'b'))}});
  };
  EXPECT_EQ(MessageOf(CheckKey(schema, key(2048, 1024))), "");
  EXPECT_EQ(
      MessageOf(CheckKey(schema, key(2049, 1))),
      "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
      "limit of2048 bytes");
  EXPECT_EQ(
      MessageOf(CheckKey(schema, key(1, 1025))),
      "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
      "the size limit of 1024 bytes");
}

TEST(Capacity, RoundsReadsUpToFourKilobytes) {
  EXPECT_EQ(ReadUnits(0, true), 1);
  EXPECT_EQ(ReadUnits(0, false), 0.5);
  EXPECT_EQ(ReadUnits(4096, true), 1);
  EXPECT_EQ(ReadUnits(4097, true), 2);
  EXPECT_EQ(ReadUnits(9000, false), 1.5);
}

TEST(Capacity, ChargesWritesForTheLargerItem) {
  EXPECT_EQ(WriteUnits(0, 0), 1);
  EXPECT_EQ(WriteUnits(1024, 1), 1);
  EXPECT_EQ(WriteUnits(3000, 10), 3);
  EXPECT_EQ(WriteUnits(10, 3073), 4);
}

TEST(TableName, IsTakenFromAnArn) {
  const Caller caller{AccountId("123456789012"), Region("us-east-1"), {}};
  EXPECT_EQ(*TableNameOf(caller, "Music"), "Music");
  EXPECT_EQ(*TableNameOf(caller, "arn:aws:dynamodb:us-east-1:123456789012:table/Music"), "Music");
  const auto kind = [&](std::string_view given) {
    const auto name = TableNameOf(caller, given);
    return name ? ErrorKind::kInternal : name.error().kind;
  };
  EXPECT_EQ(kind("arn:aws:dynamodb:us-east-1:210987654321:table/Music"), ErrorKind::kAccessDenied);
  EXPECT_EQ(kind("arn:aws:dynamodb:eu-west-1:123456789012:table/Music"), ErrorKind::kValidation);
  EXPECT_EQ(kind("arn:aws:dynamodb:us-east-1:123456789012:table/Music/index/i"),
            ErrorKind::kValidation);
  EXPECT_EQ(kind("arn:aws:s3:::bucket"), ErrorKind::kValidation);
  EXPECT_EQ(kind("arn:"), ErrorKind::kValidation);
  EXPECT_EQ(kind("ab"), ErrorKind::kValidation);
  EXPECT_EQ(kind("a b c"), ErrorKind::kValidation);
  EXPECT_EQ(kind(std::string(256, 'a')), ErrorKind::kValidation);
}

}  // namespace
}  // namespace tidemark::table
