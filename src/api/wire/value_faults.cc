#include "api/wire/value_faults.h"

#include <algorithm>
#include <utility>

namespace tidemark::api::wire {

void ValueFaults::Add(std::string_view member, std::string_view entry, Error error) {
  if (Find(member)) return;
  faults_.push_back({std::string(member), std::string(entry), std::move(error)});
}

const ValueFaults::Fault* ValueFaults::Find(std::string_view member) const {
  const auto at = std::ranges::find(faults_, member, &Fault::member);
  return at == faults_.end() ? nullptr : &*at;
}

Result<void> ValueFaults::Check(std::string_view member) const {
  const auto* fault = Find(member);
  if (!fault) return {};
  return Fail(fault->error);
}

Result<void> ValueFaults::CheckNamingEntry(std::string_view member) const {
  const auto* fault = Find(member);
  if (!fault) return {};
  if (fault->entry.empty()) return Fail(fault->error);
  return Fail(fault->error.kind, "{} contains invalid value: {} for key {}", member,
              fault->error.message, fault->entry);
}

Result<void> ValueFaults::CheckAll() const {
  if (faults_.empty()) return {};
  return Fail(faults_.front().error);
}

}  // namespace tidemark::api::wire
