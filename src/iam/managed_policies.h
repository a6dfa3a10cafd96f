// Managed policies that come with the server, under AWS's names and ARNs.
#pragma once
#include <string_view>
#include <vector>

#include "iam/identity.h"

namespace tidemark::iam {

PolicyPtr FindAwsPolicy(std::string_view arn);  // null: there is none
const std::vector<PolicyPtr>& AwsPolicies();    // by name

}  // namespace tidemark::iam
