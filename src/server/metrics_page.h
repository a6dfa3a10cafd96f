// The page of GET /metrics: what every part counts, in Prometheus' text format. docs/operating
// tells what each figure is for.
#pragma once
#include <string>

#include "api/request_figures.h"
#include "audit/audit_log.h"
#include "blob/decorators/metered_store.h"
#include "engine/table_store.h"
#include "http/listener.h"
#include "kms/key_store.h"
#include "pitr/backup_reads.h"
#include "pitr/past.h"
#include "pitr/window.h"
#include "server/protection_figures.h"
#include "server/regions.h"
#include "shard/shard.h"
#include "vault/notifier.h"

namespace tidemark::server {

struct MetricsSources {
  const api::RequestFigures& requests;
  const http::Listener* listener;  // null while it is being opened
  const engine::Engine& engine;
  shard::Shard& system;
  const Regions& regions;
  const pitr::Recovery& recovery;
  const pitr::Past& past;
  const pitr::BackupReads& backup_reads;
  const audit::AuditLog& audit;
  const blob::MeteredStore* backup_store;  // null: there is none
  const kms::KeyStore& keys;
  const vault::Notifier& notifier;
  ProtectionSources protection;
};

// Takes the parts' locks and reads /proc: on a pool, not on an I/O thread.
std::string MetricsPage(const MetricsSources& sources);

}  // namespace tidemark::server
