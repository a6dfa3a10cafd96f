// What the service demands of tags, with its texts. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/table_record.h"
#include "table/table_request.h"

namespace tidemark::table {

// All errors: kValidation; nothing is changed then.

// Adds tags, in their order; one whose key is there gets its new value in its place.
Result<void> AddTags(const std::vector<TagRequest>& added, std::vector<catalog::Tag>* tags);

// Takes tags away; keys that are not there are fine.
Result<void> RemoveTags(const std::vector<std::string>& keys, std::vector<catalog::Tag>* tags);

}  // namespace tidemark::table
