#include <algorithm>
#include <array>

#include "policy/document.h"

namespace tidemark::policy {

namespace {

// Condition keys that tell callers or their networks apart, sorted.
constexpr std::array<std::string_view, 13> kTellingKeys = {"aws:ec2instancesourcevpc",
                                                           "aws:principalaccount",
                                                           "aws:principalarn",
                                                           "aws:principalorgid",
                                                           "aws:principalorgpaths",
                                                           "aws:principalservicename",
                                                           "aws:sourceaccount",
                                                           "aws:sourcearn",
                                                           "aws:sourceorgid",
                                                           "aws:sourceorgpaths",
                                                           "aws:sourcevpc",
                                                           "aws:sourcevpce",
                                                           "aws:userid"};
static_assert(std::ranges::is_sorted(kTellingKeys));

bool LimitsCallers(const Condition& condition) {
  return condition.NamesValues() && std::ranges::binary_search(kTellingKeys, condition.key());
}

}  // namespace

bool IsPublic(const Document& document) {
  return std::ranges::any_of(document.statements, [](const Statement& statement) {
    const bool speaks_of_all = statement.principals.everyone || statement.not_principal;
    return statement.allow && speaks_of_all &&
           std::ranges::none_of(statement.conditions, LimitsCallers);
  });
}

}  // namespace tidemark::policy
