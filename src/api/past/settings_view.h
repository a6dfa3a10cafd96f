// A table's settings by name, each as JSON: so that two records are compared name by name.
#pragma once
#include <map>
#include <string>

#include "catalog/table_record.h"

namespace tidemark::api::past {

// Values as DescribeTable and its kin write them; what is off or was not given has no entry.
using SettingsView = std::map<std::string, std::string>;
SettingsView ViewOf(const catalog::TableRecord& record);

}  // namespace tidemark::api::past
