#include "server/restore_costs.h"

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

}  // namespace

std::vector<metering::Entry> CostsOf(const restore::RestoreReports& reports) {
  std::vector<metering::Entry> entries;
  for (const auto& report : reports.Completed()) {
    metering::Entry entry{.account = report->account,
                          .region = report->region,
                          .kind = metering::Kind::kRestore,
                          .id = report->id.ToString(),
                          .resource = report->source_backup_arn.empty() ? report->source_table_arn
                                                                        : report->source_backup_arn,
                          .table = TableOfArn(report->source_table_arn),
                          .bytes = report->bytes,
                          .from = report->ended,
                          .until = report->ended};
    entries.push_back(entry);
    const Region source = RegionOfArn(report->source_table_arn);
    if (source == report->region || source.empty()) continue;
    entry.region = source;
    entry.kind = metering::Kind::kCrossRegion;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace tidemark::server
