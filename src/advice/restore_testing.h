// Whether recovery points of a table have been restored, to see that they can be.
#pragma once
#include <vector>

#include "advice/advice.h"

namespace tidemark::advice {

// Adds what is found of one table. Looks at records only.
void CheckRestoreTests(const vault::VaultStore& vaults, const catalog::TableRecord& table,
                       std::vector<Finding>* found);

}  // namespace tidemark::advice
