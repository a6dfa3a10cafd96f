#include "expr/functions.h"

#include <array>

namespace tidemark::expr {
namespace {

constexpr std::array kFunctions = {
    // in the order of the enumeration
    FunctionInfo{Function::kAttributeExists, "attribute_exists", 1, false},
    FunctionInfo{Function::kAttributeNotExists, "attribute_not_exists", 1, false},
    FunctionInfo{Function::kAttributeType, "attribute_type", 2, false},
    FunctionInfo{Function::kBeginsWith, "begins_with", 2, false},
    FunctionInfo{Function::kContains, "contains", 2, false},
    FunctionInfo{Function::kSize, "size", 1, false},
    FunctionInfo{Function::kIfNotExists, "if_not_exists", 2, true},
    FunctionInfo{Function::kListAppend, "list_append", 2, true},
};

}  // namespace

const FunctionInfo* FindFunction(std::string_view name) {
  for (const FunctionInfo& info : kFunctions) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const FunctionInfo& InfoOf(Function function) { return kFunctions[static_cast<size_t>(function)]; }

}  // namespace tidemark::expr
