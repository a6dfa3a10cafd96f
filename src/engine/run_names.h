// The runs of an image, by name: "run.sst", then "run-1.sst", "run-2.sst" and so on, each of rows
// that lie over those of the files and runs before it (docs/formats/image.md). Pure.
#pragma once
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::engine {

inline std::string RunName(size_t number) {
  return number == 0 ? "run.sst" : "run-" + std::to_string(number) + ".sst";
}

// Nothing: it is no run.
inline std::optional<size_t> RunNumber(std::string_view name) {
  size_t number = 0;
  const std::string_view digits = name.starts_with("run-") ? name.substr(4) : std::string_view();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (name != RunName(number)) return std::nullopt;
  return number;
}

// An image of that many takes no more: a clone of it would compact before it is whole.
inline constexpr size_t kRunsMax = 14;

// Of the names in an image's directory the runs, in order.
inline std::vector<size_t> RunsAmong(const std::vector<std::string>& names) {
  std::vector<size_t> runs;
  for (const std::string& name : names) {
    if (const auto number = RunNumber(name)) runs.push_back(*number);
  }
  std::ranges::sort(runs);
  return runs;
}

// Of the run of rows that changed since, laid over those files: never that of the image's own run.
inline std::string NextRunName(const std::vector<std::string>& names) {
  const auto runs = RunsAmong(names);
  return RunName(runs.empty() ? 1 : runs.back() + 1);
}

}  // namespace tidemark::engine
