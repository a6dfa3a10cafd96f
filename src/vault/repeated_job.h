// Idempotency tokens of jobs.
#pragma once
#include "vault/fault.h"
#include "vault/vault_store.h"

namespace tidemark::vault {

// The job of its place that was begun with its token; null: there is none, or it has no token.
// kInvalidParameter: it was begun by another request, as `is_same` says. Within VaultStore::Apply.
template <class Job>
Result<Ptr<Job>> FindRepeated(const VaultStore& store, const Job& job,
                              bool (*is_same)(const Job&, const Job&)) {
  if (job.token.empty()) return Ptr<Job>();
  for (const auto& old : store.List<Job>(PlaceOf(job))) {
    if (old->token != job.token) continue;
    if (is_same(*old, job)) return old;
    return FailWith(Fault::kInvalidParameter,
                    "IdempotencyToken was sent before with another request, which began the job {}",
                    old->job_id);
  }
  return Ptr<Job>();
}

}  // namespace tidemark::vault
