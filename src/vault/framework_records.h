// What is stored of frameworks: one record each, with its controls. Values.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"

namespace tidemark::vault {

// Of which resources a control judges. What is empty does not count.
struct ControlScope {
  std::vector<std::string> ids;    // names or ARNs
  std::vector<std::string> types;  // "DynamoDB"
  Tags tags;                       // an empty value is any
  bool operator==(const ControlScope&) const = default;
};

struct Control {
  std::string name;  // "BACKUP_LAST_RECOVERY_POINT_CREATED"
  Tags parameters;   // as sent
  ControlScope scope;
  bool operator==(const Control&) const = default;
};

struct FrameworkRecord {
  static constexpr std::string_view kKind = "framework";
  AccountId account;
  Region region;
  std::string name;
  std::string uuid;  // in its ARN: a framework of the same name, made later, is another one
  std::string token, description;
  std::vector<Control> controls;
  Tags tags;
  Timestamp created{};
  bool operator==(const FrameworkRecord&) const = default;

  const std::string& id() const { return name; }
  bool IsOpen() const { return false; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:framework:NAME-UUID
};

std::string EncodeRecord(const FrameworkRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, FrameworkRecord* out);

}  // namespace tidemark::vault
