// The attribute values of a request that the service refuses, one a member: the service looks at
// the members of a request in an order of its own, between other checks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::api::wire {

class ValueFaults {
 public:
  // `member`: of the input itself, "ExpressionAttributeValues". `entry`: the name of the value in
  // it, where it is a map of values; empty: the fault is of no one entry. The first fault of a
  // member stays.
  void Add(std::string_view member, std::string_view entry, Error error);

  // kValidation if a value in the member is refused.
  Result<void> Check(std::string_view member) const;
  // The same with the words around it that some operations have:
  // "ExpressionAttributeValues contains invalid value: TEXT for key :v".
  Result<void> CheckNamingEntry(std::string_view member) const;
  Result<void> CheckAll() const;  // the first of all

 private:
  struct Fault {
    std::string member;
    std::string entry;
    Error error;
  };
  const Fault* Find(std::string_view member) const;

  std::vector<Fault> faults_;
};

}  // namespace tidemark::api::wire
