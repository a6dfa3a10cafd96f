#include "server/done_costs.h"

#include "metering/meter.h"
#include "vault/copy_records.h"

namespace tidemark::server {
namespace {

// "us-east-1", of arn:aws:dynamodb:us-east-1:...
Region RegionOfArn(std::string_view arn) {
  for (int part = 0; part < 3; ++part) arn.remove_prefix(std::min(arn.find(':') + 1, arn.size()));
  return Region(std::string(arn.substr(0, arn.find(':'))));
}

// "Users", of arn:aws:dynamodb:us-east-1:123456789012:table/Users.
std::string TableOfArn(std::string_view arn) {
  return std::string(arn.substr(std::min(arn.find('/') + 1, arn.size())));
}

void AddRestore(const restore::RestoreReport& report, std::vector<metering::Entry>* entries) {
  metering::Entry entry{
      .account = report.account,
      .region = report.region,
      .kind = report.from_cold ? metering::Kind::kColdRestore : metering::Kind::kRestore,
      .id = report.id.ToString(),
      .resource =
          report.source_backup_arn.empty() ? report.source_table_arn : report.source_backup_arn,
      .table = TableOfArn(report.source_table_arn),
      .bytes = report.bytes,
      .from = report.ended,
      .until = report.ended};
  entries->push_back(entry);
  entry.region = RegionOfArn(entry.resource);
  entry.kind = metering::Kind::kCrossRegion;
  if (entry.region != report.region) entries->push_back(std::move(entry));
}

// With the local indexes, as both backups are charged. WHY not the job's: it tells of items alone.
uint64_t BytesOfCopy(const catalog::Catalog& catalog, const vault::CopyJobRecord& job) {
  for (const std::string& arn : {job.point_arn, job.source_arn}) {
    if (const auto backup = catalog.FindBackup(arn))
      return metering::ChargedBytes(backup->image.totals, backup->source);
  }
  return static_cast<uint64_t>(job.bytes);
}

void AddCopy(const catalog::Catalog& catalog, const vault::CopyJobRecord& job,
             std::vector<metering::Entry>* entries) {
  if (job.state != vault::CopyJobState::kCompleted || RegionOfArn(job.vault_arn) == job.region)
    return;
  entries->push_back({.account = job.account,
                      .region = job.region,
                      .kind = metering::Kind::kCrossRegion,
                      .id = job.job_id,
                      .resource = job.source_arn,
                      .table = job.table_name,
                      .bytes = BytesOfCopy(catalog, job),
                      .from = job.completed,
                      .until = job.completed});
}

}  // namespace

std::vector<metering::Entry> CostsOf(const restore::RestoreReports& reports,
                                     const vault::VaultStore& vaults,
                                     const catalog::Catalog& catalog) {
  std::vector<metering::Entry> entries;
  for (const auto& report : reports.Completed()) AddRestore(*report, &entries);
  for (const auto& job : vaults.All<vault::CopyJobRecord>()) AddCopy(catalog, *job, &entries);
  return entries;
}

}  // namespace tidemark::server
