#include "api/dynamodb/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/wire/json10.h"
#include "codec/crc32.h"
#include "table/transact_request.h"

namespace tidemark::api::dynamodb {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(Errors, HaveTheServicesPrefixesAndStatuses) {
  auto body = [](ErrorKind kind) {
    auto response = ErrorResponse(Error{kind, "text", nullptr}, "PutItem", "ID");
    return fmt::format("{} {}", response.status, response.body);
  };
  EXPECT_EQ(body(ErrorKind::kConstraint),
            R"(400 {"__type":"com.amazon.coral.validate#ValidationException","message":"text"})");
  EXPECT_EQ(body(ErrorKind::kSerialization),
            R"(400 {"__type":"com.amazon.coral.service#SerializationException","Message":"text"})");
  EXPECT_EQ(body(ErrorKind::kAccessDenied),
            R"(400 {"__type":"com.amazon.coral.service#AccessDeniedException","Message":"text"})");
  EXPECT_EQ(body(ErrorKind::kResourceNotFound),
            R"(400 {"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
            R"("message":"text"})");
  EXPECT_EQ(body(ErrorKind::kPitrUnavailable),
            R"(400 {"__type":"com.amazonaws.dynamodb.v20120810#)"
            R"(PointInTimeRecoveryUnavailableException","message":"text"})");
}

TEST(Errors, LeaveOutAnEmptyText) {
  auto response = ErrorResponse(Error{ErrorKind::kUnknownOperation, "", nullptr}, "?", "ID");
  EXPECT_EQ(response.body, R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
}

TEST(Errors, TellFaultsOfTheMachineByAdviceOnly) {
  for (auto kind : {ErrorKind::kIo, ErrorKind::kNoSpace, ErrorKind::kCorruption,
                    ErrorKind::kInternal, ErrorKind::kNotFound, ErrorKind::kAlreadyExists}) {
    auto response = ErrorResponse(Error{kind, "/secret/path", nullptr}, "PutItem", "REQUEST7");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("v20120810#InternalServerError"));
    EXPECT_THAT(response.body, HasSubstr("REQUEST7"));
    EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(ErrorResponse(Error{ErrorKind::kUnavailable, "x", nullptr}, "PutItem", "ID").status,
            503);
}

TEST(Errors, GiveTheItemOfAFailedCondition) {
  item::Item old;
  old.Set("pk", item::AttributeValue("a"));
  Error error{ErrorKind::kConditionFailed, "The conditional request failed",
              std::make_shared<table::ConditionFailure>(table::AnswerItem(old))};
  EXPECT_EQ(ErrorResponse(error, "PutItem", "ID").body,
            R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
            R"("message":"The conditional request failed","Item":{"pk":{"S":"a"}}})");
}

TEST(Errors, TellWhyATransactionWasCancelled) {
  item::Item old;
  old.Set("pk", item::AttributeValue("a"));
  std::vector<std::optional<Error>> reasons(3);
  reasons[1] = Error{ErrorKind::kConditionFailed, "The conditional request failed",
                     std::make_shared<table::ConditionFailure>(table::AnswerItem(old))};
  reasons[2] = Error{ErrorKind::kValidation, "too large", nullptr};
  Error error{ErrorKind::kTransactionCanceled, "",
              std::make_shared<table::TransactionCancelled>(std::move(reasons))};
  EXPECT_EQ(ErrorResponse(error, "TransactWriteItems", "ID").body,
            R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",)"
            R"("Message":"Transaction cancelled, please refer cancellation reasons for specific )"
            R"(reasons [None, ConditionalCheckFailed, ValidationError]","CancellationReasons":[)"
            R"({"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional )"
            R"(request failed","Item":{"pk":{"S":"a"}}},)"
            R"({"Code":"ValidationError","Message":"too large"}]})");
}

TEST(Errors, AnswerWhatIsNoRequestAsTheServiceDoes) {
  auto response = NotARequest("ID");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.size(), 29u);
  EXPECT_THAT(response.headers, testing::Contains(Pair("x-amz-crc32", "3552371480")));
}

TEST(Json10, FramesBodies) {
  auto response = wire::Json10Response(200, "{}", "ID");
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.0");
  EXPECT_THAT(response.headers,
              testing::ElementsAre(Pair("x-amzn-RequestId", "ID"),
                                   Pair("x-amz-crc32", std::to_string(codec::Crc32("{}")))));
}

TEST(Json10, RequestIdsAreDistinctAndOfTheServicesForm) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    auto id = wire::NewRequestId();
    EXPECT_EQ(id.size(), 52u);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace tidemark::api::dynamodb
