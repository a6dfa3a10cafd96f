// The functions of the expression language.
#pragma once
#include <cstddef>
#include <string_view>

namespace tidemark::expr {

enum class Function {
  kAttributeExists,
  kAttributeNotExists,
  kAttributeType,
  kBeginsWith,
  kContains,
  kSize,
  kIfNotExists,
  kListAppend,
};

struct FunctionInfo {
  Function function;
  std::string_view name;
  size_t operands;
  bool in_update;  // else in conditions
};

const FunctionInfo* FindFunction(std::string_view name);  // nullptr; names are case-sensitive
const FunctionInfo& InfoOf(Function function);

}  // namespace tidemark::expr
