// The table of policy/actions.h, a file for each service; each sorted by operation.
#pragma once
#include <span>

#include "policy/actions.h"

namespace tidemark::policy {

std::span<const Action> BackupActions();
std::span<const Action> DynamoDbActions();
std::span<const Action> KmsActions();

}  // namespace tidemark::policy
