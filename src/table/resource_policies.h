// Policies of tables and streams: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy. What
// they allow is decided where requests are judged (api/dynamodb/access.h).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/requests.h"

namespace tidemark::table {

// The detail of kResourceNotFound: the resource is there, but has no policy, or not the expected
// revision.
struct PolicyNotFound : ErrorDetail {};

// kValidation: too large, or no policy of a resource.
Result<void> CheckResourcePolicy(std::string_view text);
std::string NewRevision(Random& random);

// One object serves all requests. Threads: any I/O thread; what blocks goes to the pool. Durable:
// what an answer says was done. `arn`: of a table or of the stream it has. `expected`: the revision
// that must be there, or "NO_POLICY". Errors of all: kValidation, kAccessDenied, kResourceNotFound
// (with PolicyNotFound).
class ResourcePolicies {
 public:
  ResourcePolicies(catalog::Catalog& catalog, runtime::BlockingPool& pool, Random& random)
      : catalog_(catalog), pool_(pool), random_(random) {}

  // The revision: the old one if the text is the same.
  Task<std::string> Put(Caller caller, std::string arn, std::string text,
                        std::optional<std::string> expected);
  Result<catalog::ResourcePolicy> Get(const Caller& caller, std::string_view arn) const;
  // The revision that was removed; "": there was none.
  Task<std::string> Delete(Caller caller, std::string arn, std::optional<std::string> expected);

 private:
  using Edit = std::function<Result<std::string>(catalog::ResourcePolicy*)>;
  Task<std::string> EditPolicy(Caller caller, std::string arn, Edit edit);

  catalog::Catalog& catalog_;
  runtime::BlockingPool& pool_;
  Random& random_;
};

}  // namespace tidemark::table
