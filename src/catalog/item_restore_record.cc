#include "catalog/item_restore_record.h"

#include <array>

#include "catalog/json_fields.h"

namespace tidemark::catalog {
namespace {

constexpr int64_t kItemRestoreVersion = 1;

constexpr std::array<std::string_view, 3> kItemRestoreStatusNames = {"RUNNING", "COMPLETED",
                                                                     "FAILED"};
constexpr std::array<std::string_view, 3> kDifferenceNames = {"REMOVED", "CHANGED", "ADDED"};

json::object KeyToJson(const item::KeyAttribute& key) {
  return {{"name", key.name}, {"type", static_cast<int64_t>(key.type)}};
}

item::KeyAttribute KeyFromJson(Fields fields) {
  return {fields.Text("name"), static_cast<item::Type>(fields.Int("type"))};
}

json::object CountsToJson(const DifferenceCounts& counts) {
  return {{"removed", static_cast<int64_t>(counts.removed)},
          {"changed", static_cast<int64_t>(counts.changed)},
          {"added", static_cast<int64_t>(counts.added)}};
}

DifferenceCounts CountsFromJson(Fields fields) {
  return {static_cast<uint64_t>(fields.Int("removed")),
          static_cast<uint64_t>(fields.Int("changed")), static_cast<uint64_t>(fields.Int("added"))};
}

json::object SelectionToJson(const ItemSelection& selection) {
  json::array rows;
  for (const Bytes& row : selection.rows) rows.emplace_back(codec::EncodeBase64(row));
  json::object out{{"table", selection.table.ToString()},
                   {"from", ToMicros(selection.from)},
                   {"removed", selection.kinds.removed},
                   {"changed", selection.kinds.changed},
                   {"added", selection.kinds.added},
                   {"partition", codec::EncodeBase64(selection.partition)},
                   {"rows", std::move(rows)},
                   {"dry_run", selection.dry_run}};
  if (selection.until) out["until"] = ToMicros(*selection.until);
  if (selection.rewind) out["rewind"] = true;
  if (!selection.backup_arn.empty()) out["backup"] = selection.backup_arn;
  if (selection.undo_of) out["undo_of"] = selection.undo_of->ToString();
  return out;
}

ItemSelection SelectionFromJson(Fields fields) {
  ItemSelection selection;
  selection.table = fields.Id<TableId>("table");
  selection.from = fields.Time("from");
  if (fields.Has("until")) selection.until = fields.Time("until");
  selection.kinds = {fields.Bool("removed"), fields.Bool("changed"), fields.Bool("added")};
  selection.partition = fields.Binary("partition");
  for (const std::string& row : fields.Texts("rows")) {
    auto bytes = codec::DecodeBase64(row);
    if (!bytes) throw std::invalid_argument(bytes.error().message);
    selection.rows.push_back(*std::move(bytes));
  }
  selection.dry_run = fields.Bool("dry_run");
  selection.rewind = fields.Has("rewind") && fields.Bool("rewind");
  if (fields.Has("backup")) selection.backup_arn = fields.Text("backup");
  if (fields.Has("undo_of")) selection.undo_of = fields.Id<ItemRestoreId>("undo_of");
  return selection;
}

json::array LeftToJson(const std::vector<ItemLeft>& all) {
  json::array out;
  for (const ItemLeft& left : all) {
    out.push_back(json::object{{"row", codec::EncodeBase64(left.row)},
                               {"kind", static_cast<int64_t>(left.kind)},
                               {"refusal", left.refusal}});
  }
  return out;
}

std::vector<ItemLeft> LeftFromJson(const std::vector<Fields>& all) {
  std::vector<ItemLeft> left;
  for (const Fields& fields : all) {
    left.push_back({fields.Binary("row"), static_cast<Difference>(fields.Int("kind", 0, 2)),
                    fields.Text("refusal")});
  }
  return left;
}

ItemRestoreRecord ReadItemRestore(Fields fields) {
  ItemRestoreRecord record;
  record.id = fields.Id<ItemRestoreId>("id");
  record.account = AccountId(fields.Text("account"));
  record.region = Region(fields.Text("region"));
  record.table_name = fields.Text("table_name");
  record.keys.partition = KeyFromJson(fields.Object("partition"));
  if (fields.Has("sort")) record.keys.sort = KeyFromJson(fields.Object("sort"));
  record.access_key = fields.Text("access_key");
  record.token = fields.Text("token");
  record.selection = SelectionFromJson(fields.Object("selection"));
  record.created = fields.Time("created");
  record.from = fields.Time("from");
  record.until = fields.Time("until");
  record.status = static_cast<ItemRestoreStatus>(fields.Int("status", 0, 2));
  record.failure = fields.Text("failure");
  record.ended = fields.Time("ended");
  record.next = fields.Binary("next");
  record.restored = CountsFromJson(fields.Object("restored"));
  record.not_selected = CountsFromJson(fields.Object("not_selected"));
  record.already = static_cast<uint64_t>(fields.Int("already"));
  record.conflicts = static_cast<uint64_t>(fields.Int("conflicts"));
  record.refused = static_cast<uint64_t>(fields.Int("refused"));
  record.left = LeftFromJson(fields.Objects("left"));
  return record;
}

}  // namespace

std::string_view ToString(ItemRestoreStatus status) {
  return kItemRestoreStatusNames[static_cast<size_t>(status)];
}
std::string_view ToString(Difference kind) { return kDifferenceNames[static_cast<size_t>(kind)]; }

std::string EncodeItemRestoreRecord(const ItemRestoreRecord& record) {
  json::object out{{"version", kItemRestoreVersion},
                   {"id", record.id.ToString()},
                   {"account", record.account.value},
                   {"region", record.region.value},
                   {"table_name", record.table_name},
                   {"partition", KeyToJson(record.keys.partition)},
                   {"access_key", record.access_key},
                   {"token", record.token},
                   {"selection", SelectionToJson(record.selection)},
                   {"created", ToMicros(record.created)},
                   {"from", ToMicros(record.from)},
                   {"until", ToMicros(record.until)},
                   {"status", static_cast<int64_t>(record.status)},
                   {"failure", record.failure},
                   {"ended", ToMicros(record.ended)},
                   {"next", codec::EncodeBase64(record.next)},
                   {"restored", CountsToJson(record.restored)},
                   {"not_selected", CountsToJson(record.not_selected)},
                   {"already", static_cast<int64_t>(record.already)},
                   {"conflicts", static_cast<int64_t>(record.conflicts)},
                   {"refused", static_cast<int64_t>(record.refused)},
                   {"left", LeftToJson(record.left)}};
  if (record.keys.sort) out["sort"] = KeyToJson(*record.keys.sort);
  return json::serialize(out);
}

Result<ItemRestoreRecord> DecodeItemRestoreRecord(std::string_view text) {
  return DecodeRecord<ItemRestoreRecord>(text, kItemRestoreVersion, "item restore",
                                         ReadItemRestore);
}

}  // namespace tidemark::catalog
