// What reports tell: jobs of a time, or what frameworks' controls find. The service's columns.
#pragma once
#include <string>
#include <string_view>

#include "vault/compliance.h"
#include "vault/report_records.h"
#include "vault/report_text.h"

namespace tidemark::vault {

// "BACKUP_JOB_REPORT", COPY_, RESTORE_; "CONTROL_COMPLIANCE_REPORT", RESOURCE_.
bool IsReportTemplate(std::string_view name);
std::string ReportTemplateNames();  // as texts name them
// Whether it tells what frameworks find.
bool IsOfCompliance(std::string_view report_template);

// Of jobs those that ended in the job's time, or have not ended, the oldest first; compliance as it
// is now.
Report MakeReport(const ControlFacts& facts, const ReportJobRecord& job, Timestamp now);

}  // namespace tidemark::vault
