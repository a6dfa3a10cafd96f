// What is stored of settings: of all accounts, and of each account and Region. Values.
#pragma once
#include <string>
#include <string_view>

#include "vault/records.h"

namespace tidemark::vault {

// One, of the account that the server began with, in no Region.
struct GlobalSettingsRecord {
  static constexpr std::string_view kKind = "global-settings";
  AccountId account;
  Region region;
  bool across_accounts = false;  // accounts may copy to each other's vaults
  Timestamp updated{};
  bool operator==(const GlobalSettingsRecord&) const = default;

  std::string id() const { return "all"; }
  bool IsOpen() const { return false; }
};

// Of an account and Region; without a record, what is told here.
struct RegionSettingsRecord {
  static constexpr std::string_view kKind = "region-settings";
  AccountId account;
  Region region;
  bool opted_in = true;  // plans back up tables that they do not name one by one, too
  bool managed = true;   // kept and told
  bool operator==(const RegionSettingsRecord&) const = default;

  std::string id() const { return "DynamoDB"; }
  bool IsOpen() const { return false; }
};

std::string EncodeRecord(const GlobalSettingsRecord& record);
std::string EncodeRecord(const RegionSettingsRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, GlobalSettingsRecord* out);
Result<void> DecodeRecord(std::string_view json, RegionSettingsRecord* out);

}  // namespace tidemark::vault
