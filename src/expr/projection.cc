#include "expr/projection.h"

#include <algorithm>

#include "expr/parser.h"
#include "expr/resolve.h"

namespace tidemark::expr {
namespace {

Result<std::vector<Path>> ParsePaths(std::string_view text, Placeholders& placeholders) {
  TM_TRY(std::vector<NodePtr> nodes, ParseProjection(text));
  WordFaults words;
  for (const NodePtr& node : nodes) FindWordFaults(*node, false, false, &words);
  if (words.reserved) return Fail(std::move(*words.reserved));
  PlaceholderFaults faults;
  for (const NodePtr& node : nodes) Resolve(node.get(), &placeholders, &faults);
  if (faults.first) return Fail(std::move(*faults.first));
  std::vector<const Path*> written;
  for (const NodePtr& node : nodes) written.push_back(&node->path);
  TM_TRYV(CheckPathsApart(written));
  std::vector<Path> paths;
  paths.reserve(nodes.size());
  for (const NodePtr& node : nodes) paths.push_back(std::move(node->path));
  return paths;
}

}  // namespace

Result<Projection> Projection::Parse(std::string_view text, Placeholders& placeholders) {
  auto paths = ParsePaths(text, placeholders);
  if (!paths) return Invalid("ProjectionExpression", std::move(paths).error());
  Projection projection;
  projection.paths_ = std::move(*paths);
  std::sort(projection.paths_.begin(), projection.paths_.end());
  return projection;
}

Projection Projection::FromNames(const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  SortUnique(&sorted);
  Projection projection;
  for (std::string& name : sorted) projection.paths_.push_back(Path{std::move(name)});
  return projection;
}

item::Item Projection::Apply(const item::Item& item) const { return Extract(item, paths_); }

std::vector<std::string> Projection::names() const {
  std::vector<std::string> names;
  for (const Path& path : paths_) names.push_back(std::get<std::string>(path.front()));
  SortUnique(&names);
  return names;
}

}  // namespace tidemark::expr
