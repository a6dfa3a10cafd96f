// From what a survey found to the ranges an operator and the tables must know of.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "log/commit_log.h"

namespace tidemark::log {

struct Survey;

// Ascending and disjoint; adjacent damage is one range. None is marked as accepted.
std::vector<DamagedRange> FindDamage(const Survey& survey);

// Names one place and what an operator can do.
std::string DamageText(const std::filesystem::path& path, uint32_t segment, uint64_t offset,
                       std::string_view cause);

}  // namespace tidemark::log
