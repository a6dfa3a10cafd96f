#include "catalog/published_tables.h"

#include <algorithm>
#include <utility>

namespace tidemark::catalog {
namespace {

// A record as it is handed out.
struct Published {
  TableRecord record;
  std::shared_ptr<const void> indexes;  // the token
};

}  // namespace

PublishedTables::NameKey PublishedTables::NameOf(const TableRecord& record) {
  return {record.account.value, record.region.value, record.name};
}

TablePtr PublishedTables::Find(const AccountId& account, const Region& region,
                               std::string_view name) const {
  const auto at = by_name_.find(NameKey(account.value, region.value, std::string(name)));
  return at == by_name_.end() ? nullptr : at->second;
}

TablePtr PublishedTables::Find(TableId id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

std::vector<TablePtr> PublishedTables::List(const AccountId& account, const Region& region,
                                            std::string_view after, size_t limit) const {
  std::vector<TablePtr> page;
  auto at = by_name_.upper_bound(NameKey(account.value, region.value, std::string(after)));
  for (; at != by_name_.end() && page.size() < limit; ++at) {
    if (at->second->account != account || at->second->region != region) break;
    page.push_back(at->second);
  }
  return page;
}

bool PublishedTables::IndexesSettled(TableId id) const {
  const auto at = outdated_.find(id);
  return at == outdated_.end() ||
         std::ranges::all_of(at->second, [](const auto& use) { return use.expired(); });
}

TablePtr PublishedTables::Set(TableRecord record) {
  const TableId id = record.id;
  const auto before = by_id_.find(id);
  auto& token = tokens_[id];
  if (before == by_id_.end() || before->second->indexes != record.indexes ||
      before->second->ttl != record.ttl) {
    auto& outdated = outdated_[id];
    std::erase_if(outdated, [](const auto& use) { return use.expired(); });
    if (token) outdated.push_back(token);
    token = std::make_shared<int>();
  }
  auto published = std::make_shared<const Published>(Published{std::move(record), token});
  TablePtr table(published, &published->record);
  by_name_[NameOf(*table)] = table;
  by_id_[id] = table;
  return table;
}

void PublishedTables::Drop(const TableRecord& table) {
  by_name_.erase(NameOf(table));
  by_id_.erase(table.id);
  tokens_.erase(table.id);
  outdated_.erase(table.id);
}

}  // namespace tidemark::catalog
