#include "api/dynamodb/operations.h"

#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"

namespace tidemark::api::dynamodb {

namespace {
constexpr std::string_view kStreamsTargetPrefix = "DynamoDBStreams_20120810.";
}  // namespace

std::vector<Operation> Operations(const Services& services) {
  using Handler = Task<std::string>(const Services&, Caller, JsonValue);
  auto bind = [&services](std::string_view prefix, std::string_view name, Handler* handler) {
    return Operation{.name = name,
                     .prefix = prefix,
                     .run =
                         [&services, handler](Caller caller, JsonValue body) {
                           return handler(services, std::move(caller), body);
                         },
                     .of_region = true};
  };
  auto bound = [&](std::string_view name, Handler* handler) {
    return bind(kTargetPrefix, name, handler);
  };
  auto of_streams = [&](std::string_view name, Handler* handler) {
    return bind(kStreamsTargetPrefix, name, handler);
  };
  auto reading = [&bound](std::string_view name, Handler* handler) {
    Operation operation = bound(name, handler);
    operation.reads_past = true;
    return operation;
  };
  auto restoring = [&bound](std::string_view name, Handler* handler) {
    Operation operation = bound(name, handler);
    operation.restores = true;
    return operation;
  };
  return {
      reading("BatchGetItem", BatchGetItem),
      bound("BatchWriteItem", BatchWriteItem),
      bound("CreateBackup", CreateBackup),
      bound("CreateTable", CreateTable),
      bound("DeleteBackup", DeleteBackup),
      bound("DeleteItem", DeleteItem),
      bound("DeleteResourcePolicy", DeleteResourcePolicy),
      bound("DeleteTable", DeleteTable),
      bound("DescribeBackup", DescribeBackup),
      bound("DescribeContinuousBackups", DescribeContinuousBackups),
      bound("DescribeEndpoints", DescribeEndpoints),
      bound("DescribeLimits", DescribeLimits),
      bound("DescribeTable", DescribeTable),
      bound("DescribeTimeToLive", DescribeTimeToLive),
      reading("GetItem", GetItem),
      bound("GetResourcePolicy", GetResourcePolicy),
      bound("ListBackups", ListBackups),
      bound("ListTables", ListTables),
      bound("ListTagsOfResource", ListTagsOfResource),
      bound("PutItem", PutItem),
      bound("PutResourcePolicy", PutResourcePolicy),
      reading("Query", Query),
      restoring("RestoreTableFromBackup", RestoreTableFromBackup),
      restoring("RestoreTableToPointInTime", RestoreTableToPointInTime),
      reading("Scan", Scan),
      bound("TagResource", TagResource),
      bound("TransactGetItems", TransactGetItems),
      bound("TransactWriteItems", TransactWriteItems),
      bound("UntagResource", UntagResource),
      bound("UpdateContinuousBackups", UpdateContinuousBackups),
      bound("UpdateItem", UpdateItem),
      bound("UpdateTable", UpdateTable),
      bound("UpdateTimeToLive", UpdateTimeToLive),
      of_streams("DescribeStream", DescribeStream),
      of_streams("GetRecords", GetRecords),
      of_streams("GetShardIterator", GetShardIterator),
      of_streams("ListStreams", ListStreams),
  };
}

}  // namespace tidemark::api::dynamodb
