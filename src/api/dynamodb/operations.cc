#include "api/dynamodb/operations.h"

#include "api/dynamodb/handlers.h"

namespace tidemark::api::dynamodb {

std::vector<Operation> Operations(const Services& services) {
  using Handler = Task<std::string>(const Services&, Caller, JsonValue);
  auto bound = [&services](std::string_view name, Handler* handler) {
    return Operation{name, [&services, handler](Caller caller, JsonValue body) {
                       return handler(services, std::move(caller), body);
                     }};
  };
  return {
      bound("BatchGetItem", BatchGetItem),
      bound("BatchWriteItem", BatchWriteItem),
      bound("CreateBackup", CreateBackup),
      bound("CreateTable", CreateTable),
      bound("DeleteBackup", DeleteBackup),
      bound("DeleteItem", DeleteItem),
      bound("DeleteTable", DeleteTable),
      bound("DescribeBackup", DescribeBackup),
      bound("DescribeContinuousBackups", DescribeContinuousBackups),
      bound("DescribeEndpoints", DescribeEndpoints),
      bound("DescribeLimits", DescribeLimits),
      bound("DescribeTable", DescribeTable),
      bound("GetItem", GetItem),
      bound("ListBackups", ListBackups),
      bound("ListTables", ListTables),
      bound("ListTagsOfResource", ListTagsOfResource),
      bound("PutItem", PutItem),
      bound("Query", Query),
      bound("RestoreTableFromBackup", RestoreTableFromBackup),
      bound("RestoreTableToPointInTime", RestoreTableToPointInTime),
      bound("Scan", Scan),
      bound("TagResource", TagResource),
      bound("UntagResource", UntagResource),
      bound("UpdateContinuousBackups", UpdateContinuousBackups),
      bound("UpdateItem", UpdateItem),
      bound("UpdateTable", UpdateTable),
  };
}

}  // namespace tidemark::api::dynamodb
