// What is stored of legal holds: one record each, replaced whole. Values.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"

namespace tidemark::vault {

// Which recovery points: all that is given must hold.
struct HoldSelection {
  std::vector<std::string> vaults;  // names; empty: any
  std::vector<std::string> tables;  // ARNs; likewise
  struct Range {                    // of the point's creation
    Timestamp from, to;             // inclusive
    bool operator==(const Range&) const = default;
  };
  std::optional<Range> range;
  bool operator==(const HoldSelection&) const = default;
};

struct HoldRecord {
  static constexpr std::string_view kKind = "legal-hold";
  AccountId account;
  Region region;
  std::string hold_id;  // UUID
  std::string title, description, token;
  HoldSelection selection;
  Tags tags;
  Timestamp created{};
  std::optional<Timestamp> cancelled;  // absent: it holds
  std::string cancel_description;
  std::optional<Timestamp> retain_until;  // of a cancelled one: then it is forgotten
  bool operator==(const HoldRecord&) const = default;

  const std::string& id() const { return hold_id; }
  bool IsOpen() const { return !cancelled; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:legal-hold:ID
};

std::string EncodeRecord(const HoldRecord& record);
Result<void> DecodeRecord(std::string_view json, HoldRecord* out);  // kCorruption

}  // namespace tidemark::vault
