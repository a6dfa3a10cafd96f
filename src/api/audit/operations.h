// LookupEvents: our own operation on the audit log.
#pragma once
#include <vector>

#include "api/operation.h"
#include "audit/audit_log.h"
#include "runtime/blocking.h"

namespace tidemark::api::audit_log {

// All of it lives as long as the server.
struct AuditServices {
  audit::AuditLog& log;
  runtime::BlockingPool& pool;
};

// `services` must outlive what is returned.
std::vector<Operation> Operations(const AuditServices& services);

}  // namespace tidemark::api::audit_log
