// Rows of a table and what writes them; for tests.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "shard/shard.h"

namespace tidemark::shard {

inline Bytes Key(std::string_view name) { return Bytes{'\0', '\1'} + Bytes(name); }

inline Evaluate PutRow(Bytes value) {
  return [value](const std::optional<Bytes>& old) -> Result<Mutation> {
    Mutation mutation;
    mutation.kind = Mutation::Kind::kPut;
    mutation.value = value;
    mutation.old_size = old ? old->size() : 0;
    mutation.new_size = value.size();
    return mutation;
  };
}

// Adds one to a counter kept as text.
inline Evaluate Increment() {
  return [](const std::optional<Bytes>& old) -> Result<Mutation> {
    return PutRow(std::to_string((old ? std::stoi(*old) : 0) + 1))(old);
  };
}

}  // namespace tidemark::shard
