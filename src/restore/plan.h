// What a restored table is like: the source's settings with the caller's overrides, and what AWS
// does not carry over left out (tags, PITR, deletion protection, table class). Pure.
#pragma once
#include "restore/restore.h"

namespace tidemark::restore {

// Errors: kValidation for overrides that contradict each other.
Result<catalog::TableRecord> PlanTarget(const catalog::TableRecord& source,
                                        const AccountId& account, const Region& region,
                                        std::string_view name, const Overrides& overrides);

}  // namespace tidemark::restore
