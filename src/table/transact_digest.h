// What tells two requests under one ClientRequestToken apart.
#pragma once
#include "base/bytes.h"
#include "table/transact_request.h"

namespace tidemark::table {

// SHA-256 over the request's actions, whatever the order of JSON members was.
Bytes DigestOf(const TransactWriteRequest& request);

}  // namespace tidemark::table
