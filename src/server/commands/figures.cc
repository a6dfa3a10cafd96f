#include "server/commands/figures.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace tidemark::server {
namespace {

// `text` is what stands behind '{'; on success it begins behind '}'.
bool ReadLabels(std::string_view* text, Figures::Labels* labels) {
  while (!text->empty() && text->front() != '}') {
    const size_t equals = text->find("=\"");
    if (equals == std::string_view::npos) return false;
    std::string& value = (*labels)[std::string(text->substr(0, equals))];
    text->remove_prefix(equals + 2);
    for (; !text->empty() && text->front() != '"'; text->remove_prefix(1)) {
      const bool escaped = text->front() == '\\' && text->size() > 1;
      if (escaped) text->remove_prefix(1);
      value.push_back(escaped && text->front() == 'n' ? '\n' : text->front());
    }
    if (text->empty()) return false;
    text->remove_prefix(1);
    if (text->starts_with(',')) text->remove_prefix(1);
  }
  if (text->empty()) return false;
  text->remove_prefix(1);
  return true;
}

}  // namespace

Figures::Figures(std::string_view page) {
  while (!page.empty()) {
    const size_t end = std::min(page.find('\n'), page.size());
    std::string_view line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    if (line.empty() || line.front() == '#') continue;
    const size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string_view::npos) continue;
    Sample sample{.name = std::string(line.substr(0, name_end)), .labels = {}};
    const bool has_labels = line[name_end] == '{';
    line.remove_prefix(name_end + (has_labels ? 1 : 0));
    if (has_labels && !ReadLabels(&line, &sample.labels)) continue;
    if (line.starts_with(' ')) line.remove_prefix(1);
    const auto read = std::from_chars(line.data(), line.data() + line.size(), sample.value);
    if (read.ec == std::errc()) samples_.push_back(std::move(sample));
  }
}

double Figures::Sum(std::string_view name, const Labels& with) const {
  double sum = 0;
  for (const auto& sample : samples_) {
    const bool has_all = std::ranges::all_of(with, [&](const auto& label) {
      const auto found = sample.labels.find(label.first);
      return found != sample.labels.end() && found->second == label.second;
    });
    if (sample.name == name && has_all) sum += sample.value;
  }
  return sum;
}

std::vector<std::string> Figures::ValuesOf(std::string_view name, std::string_view label) const {
  std::set<std::string> values;
  for (const auto& sample : samples_) {
    const auto found = sample.labels.find(label);
    if (sample.name == name && found != sample.labels.end()) values.insert(found->second);
  }
  return {values.begin(), values.end()};
}

}  // namespace tidemark::server
