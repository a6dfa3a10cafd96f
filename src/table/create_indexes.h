// The rules of secondary indexes in CreateTable, UpdateTable and restores, with the service's
// texts. Pure.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/table_record.h"
#include "table/table_request.h"

namespace tidemark::table {

constexpr size_t kLocalIndexesMax = 5;
constexpr size_t kGlobalIndexesMax = 20;

// One index of a table whose keys, attributes, billing and other indexes are set; without number
// and status. Errors: kValidation.
Result<catalog::IndexRecord> MakeIndex(const catalog::TableRecord& table,
                                       const IndexRequest& request, bool local);

// Adds the indexes of CreateTable to the record. Errors: kValidation.
Result<void> AddIndexes(const CreateTableRequest& request, catalog::TableRecord* record);

// Each key of the indexes is among `attributes`; one text for all indexes together, as the service
// says it. Errors: kValidation.
Result<void> CheckKeysDefined(const std::vector<catalog::AttributeDefinition>& attributes,
                              std::span<const IndexRequest> indexes);

// Errors: kValidation.
Result<void> CheckIndexUnits(const catalog::Throughput& throughput, std::string_view index);

// Gives the index the table's next number and adds it.
void AddIndex(catalog::IndexRecord index, catalog::TableRecord* record);

// All of the table's indexes together project no more attributes than the service allows; each
// attribute is used by a key, and each key defined. Errors: kValidation.
Result<void> CheckAllIndexes(const catalog::TableRecord& record);

}  // namespace tidemark::table
