// STS's operations, one function each; each asks for its own permission.
#pragma once
#include "api/query_operation.h"

namespace tidemark::api::sts_query {

using codec::XmlWriter;
using Handler = Result<void>(const QueryCall& call, XmlWriter* w);

Handler AssumeRole, GetAccessKeyInfo, GetCallerIdentity, GetFederationToken, GetSessionToken;

}  // namespace tidemark::api::sts_query
