// The tables as the catalog hands them out: by id, and by name in the order of ListTables; and
// whether requests still work with a table as it was before its indexes were changed.
//
// Private to this module. Threads: the catalog's lock protects it.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "catalog/table_record.h"

namespace tidemark::catalog {

class PublishedTables {
 public:
  using ById = std::unordered_map<TableId, TablePtr>;

  // Null: there is none.
  TablePtr Find(const AccountId& account, const Region& region, std::string_view name) const;
  TablePtr Find(TableId id) const;
  // In order of their names, from behind `after`.
  std::vector<TablePtr> List(const AccountId& account, const Region& region, std::string_view after,
                             size_t limit) const;
  const ById& all() const { return by_id_; }
  // Whether nobody holds a record whose indexes or time to live are not those of now.
  bool IndexesSettled(TableId id) const;

  TablePtr Set(TableRecord record);
  void Drop(const TableRecord& table);

 private:
  // (account, region, name)
  using NameKey = std::tuple<std::string, std::string, std::string>;
  static NameKey NameOf(const TableRecord& record);

  std::map<NameKey, TablePtr> by_name_;
  ById by_id_;
  // Records with the same indexes share a token, which goes with the last of them.
  std::unordered_map<TableId, std::shared_ptr<const void>> tokens_;
  std::unordered_map<TableId, std::vector<std::weak_ptr<const void>>> outdated_;
};

}  // namespace tidemark::catalog
