// What is stored of copies that come from another server: one record of each, until it is complete
// or given up. Values.
#pragma once
#include <string>
#include <string_view>

#include "vault/records.h"

namespace tidemark::vault {

// Of the account and Region that it comes to. Its recovery point is there, CREATING, as long as it.
struct ArrivalRecord {
  static constexpr std::string_view kKind = "arrival";
  AccountId account;
  Region region;
  std::string job_id;     // of the copy job, there
  std::string sender;     // ARN of whoever sends it
  std::string point_arn;  // of the copy
  std::string backup;     // catalog::BackupRecord as it will be, as JSON
  ImageId image{};
  TableId sealed_for{};  // its data keys are wrapped for this id,
  std::string key_arn;   // by this key
  Timestamp until{};     // when it is given up
  bool operator==(const ArrivalRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const { return true; }
};

std::string EncodeRecord(const ArrivalRecord& record);
Result<void> DecodeRecord(std::string_view json, ArrivalRecord* out);  // kCorruption

}  // namespace tidemark::vault
