// All shapes from arbitrary bytes: nothing may crash, and an error always has a text.
#include <cstdlib>
#include <utility>

#include "api/dynamodb/legacy_parameters.h"
#include "api/dynamodb/shapes_gen.h"

namespace {

using namespace tidemark::api::dynamodb;

template <class T>
void Check(const tidemark::Result<T>& result) {
  if (!result && result.error().message.empty()) std::abort();
}

// The parameters older than expressions, down to their trees.
void CheckLegacy(tidemark::codec::JsonValue json) {
  if (auto input = ParseUpdateItem(json)) {
    Check(LowerExpected(std::move(input->expected), input->conditional_operator));
    Check(LowerAttributeUpdates(std::move(input->attribute_updates)));
  }
  if (auto input = ParseQuery(json)) {
    Check(LowerFilter(std::move(input->query_filter), input->conditional_operator));
    Check(LowerKeyConditions(std::move(input->key_conditions)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static tidemark::codec::JsonParser parser;
  const auto json = parser.Parse({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  Check(ParseBatchGetItem(*json));
  Check(ParseBatchWriteItem(*json));
  Check(ParseCreateBackup(*json));
  Check(ParseCreateTable(*json));
  Check(ParseDeleteBackup(*json));
  Check(ParseDeleteItem(*json));
  Check(ParseDeleteTable(*json));
  Check(ParseDescribeBackup(*json));
  Check(ParseDescribeContinuousBackups(*json));
  Check(ParseDescribeTable(*json));
  Check(ParseGetItem(*json));
  Check(ParseListBackups(*json));
  Check(ParseListTables(*json));
  Check(ParsePutItem(*json));
  Check(ParseQuery(*json));
  Check(ParseRestoreTableFromBackup(*json));
  Check(ParseRestoreTableToPointInTime(*json));
  Check(ParseScan(*json));
  Check(ParseUpdateContinuousBackups(*json));
  Check(ParseUpdateItem(*json));
  CheckLegacy(*json);
  return 0;
}
