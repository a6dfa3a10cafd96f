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
      bound("DescribeTable", DescribeTable),
      bound("GetItem", GetItem),
      bound("ListBackups", ListBackups),
      bound("ListTables", ListTables),
      bound("PutItem", PutItem),
      bound("Query", Query),
      bound("RestoreTableFromBackup", RestoreTableFromBackup),
      bound("RestoreTableToPointInTime", RestoreTableToPointInTime),
      bound("Scan", Scan),
      bound("TransactGetItems", TransactGetItems),
      bound("TransactWriteItems", TransactWriteItems),
      bound("UpdateContinuousBackups", UpdateContinuousBackups),
      bound("UpdateItem", UpdateItem),
  };
}

}  // namespace tidemark::api::dynamodb
