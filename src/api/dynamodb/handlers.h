// The operations, one function each: shape -> request -> service -> JSON of the answer. All parse
// the document before they await anything (operation.h).
#pragma once
#include <string>

#include "api/dynamodb/operations.h"
#include "codec/json_reader.h"
#include "runtime/task.h"

namespace tidemark::api::dynamodb {

using codec::JsonValue;
using table::Caller;

Task<std::string> GetItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> PutItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> UpdateItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> DeleteItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> BatchGetItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> BatchWriteItem(const Services& services, Caller caller, JsonValue body);
Task<std::string> TransactGetItems(const Services& services, Caller caller, JsonValue body);
Task<std::string> TransactWriteItems(const Services& services, Caller caller, JsonValue body);
Task<std::string> Query(const Services& services, Caller caller, JsonValue body);
Task<std::string> Scan(const Services& services, Caller caller, JsonValue body);

Task<std::string> CreateTable(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeTable(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListTables(const Services& services, Caller caller, JsonValue body);
Task<std::string> UpdateTable(const Services& services, Caller caller, JsonValue body);
Task<std::string> DeleteTable(const Services& services, Caller caller, JsonValue body);

Task<std::string> TagResource(const Services& services, Caller caller, JsonValue body);
Task<std::string> UntagResource(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListTagsOfResource(const Services& services, Caller caller, JsonValue body);

Task<std::string> PutResourcePolicy(const Services& services, Caller caller, JsonValue body);
Task<std::string> GetResourcePolicy(const Services& services, Caller caller, JsonValue body);
Task<std::string> DeleteResourcePolicy(const Services& services, Caller caller, JsonValue body);

Task<std::string> DescribeTimeToLive(const Services& services, Caller caller, JsonValue body);
Task<std::string> UpdateTimeToLive(const Services& services, Caller caller, JsonValue body);

Task<std::string> DescribeEndpoints(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeLimits(const Services& services, Caller caller, JsonValue body);

Task<std::string> DescribeContinuousBackups(const Services& services, Caller caller,
                                            JsonValue body);
Task<std::string> UpdateContinuousBackups(const Services& services, Caller caller, JsonValue body);
Task<std::string> CreateBackup(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeBackup(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListBackups(const Services& services, Caller caller, JsonValue body);
Task<std::string> DeleteBackup(const Services& services, Caller caller, JsonValue body);
Task<std::string> RestoreTableFromBackup(const Services& services, Caller caller, JsonValue body);
Task<std::string> RestoreTableToPointInTime(const Services& services, Caller caller,
                                            JsonValue body);

Task<std::string> ListStreams(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeStream(const Services& services, Caller caller, JsonValue body);
Task<std::string> GetShardIterator(const Services& services, Caller caller, JsonValue body);
Task<std::string> GetRecords(const Services& services, Caller caller, JsonValue body);

}  // namespace tidemark::api::dynamodb
