// Legal holds: recovery points under one cannot be deleted, and their lives do not end. Acts block
// and are durable on return. Errors: faults (fault.h), beside those of storing.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "vault/hold_records.h"
#include "vault/vaults.h"

namespace tidemark::vault {

// `hold` has what the maker chose. It holds as soon as it is stored, also what is made later. The
// same request with the same token is answered with the hold it made. kInvalidParameter,
// kLimitExceeded.
Result<Ptr<HoldRecord>> CreateHold(const VaultScope& scope, HoldRecord hold, Random& random);
Result<Ptr<HoldRecord>> FindHold(const VaultScope& scope, std::string_view id);  // kNotFound
// What it held alone may go from now on; a life that was over ends. `retain_days`: after which the
// record is forgotten; absent: never. kNotFound, kInvalidResourceState (it is cancelled),
// kInvalidParameter.
Result<void> CancelHold(const VaultScope& scope, std::string_view id,
                        const std::string& description, std::optional<int64_t> retain_days);

// Null: there is none of that ARN.
Ptr<HoldRecord> FindHoldByArn(const VaultScope& scope, std::string_view arn);
// Whether the selection means the point. Pure.
bool Holds(const HoldSelection& selection, const PointRecord& point);
bool IsHeld(const VaultStore& store, const PointRecord& point);  // by any hold of its place
// Of a hold that is not cancelled; of others none.
std::vector<Ptr<PointRecord>> HeldPoints(const VaultScope& scope, const HoldRecord& hold);
// Forgets records of cancelled holds that are old enough.
void ForgetHolds(VaultStore& store, const std::function<Timestamp(const Region&)>& now);

}  // namespace tidemark::vault
