// Whether a request to IAM is allowed: before anything is looked up or changed.
#pragma once
#include "api/iam/operations.h"

namespace tidemark::api::iam_query {

// kAccessDenied; kUnrecognizedClient: sessions of GetSessionToken and GetFederationToken may not
// call IAM, as with the service for sessions without a second factor.
Result<void> Authorize(const QueryCall& call, const OperationShape& shape);

}  // namespace tidemark::api::iam_query
