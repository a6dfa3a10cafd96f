// Any form, checked against every operation's table.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/iam/parameters_gen.h"
#include "api/wire/query.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parameters =
      tidemark::api::wire::QueryParameters::Parse({reinterpret_cast<const char*>(data), size});
  for (const auto& shape : tidemark::api::iam_query::kOperationShapes) {
    (void)parameters.Check(shape.members);
  }
  return 0;
}
