// What a restored table is like: the source's settings with the caller's overrides, and what AWS
// does not carry over left out (tags, PITR, deletion protection, table class). Pure.
#pragma once
#include "restore/restore.h"

namespace tidemark::restore {

// `as_of`: the instant that is restored; indexes of the source that were not complete then are
// marked as being built (index::Definition::building): the restore makes them of the items.
// Errors: kValidation for overrides that contradict each other or the source.
Result<catalog::TableRecord> PlanTarget(const catalog::TableRecord& source,
                                        const AccountId& account, const Region& region,
                                        std::string_view name, const Overrides& overrides,
                                        Timestamp as_of);

// Puts into the plan what of the source's settings AWS does not carry over: tags, time to live, its
// stream (which begins anew), deletion protection, table class, and that it has recovery.
void CarryAll(const catalog::TableRecord& source, catalog::TableRecord* target,
              catalog::RestoreSummary* restore);

}  // namespace tidemark::restore
