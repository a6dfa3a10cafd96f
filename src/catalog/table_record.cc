#include "catalog/table_record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "catalog/position_json.h"
#include "catalog/table_record_json.h"
#include "codec/base64.h"

namespace tidemark::catalog {
namespace {

constexpr int64_t kTableVersion = 1;
constexpr Throughput kWarmOnDemand = {.read_units = 12000, .write_units = 4000};

constexpr std::array<std::string_view, 4> kTableStatusNames = {"CREATING", "ACTIVE", "DELETING",
                                                               "UPDATING"};
constexpr std::array<std::string_view, 3> kIndexStatusNames = {"CREATING", "ACTIVE", "DELETING"};
constexpr std::array<std::string_view, 2> kBillingNames = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::array<std::string_view, 4> kViewNames = {"NEW_IMAGE", "OLD_IMAGE",
                                                        "NEW_AND_OLD_IMAGES", "KEYS_ONLY"};

json::object ToJson(const item::KeyAttribute& key) {
  return {{"name", key.name}, {"type", static_cast<int64_t>(key.type)}};
}

item::KeyAttribute ReadKey(Fields fields) {
  return {fields.Text("name"), static_cast<item::Type>(fields.Int("type"))};
}

json::array ToJson(const std::vector<item::KeyAttribute>& keys) {
  json::array out;
  for (const auto& key : keys) out.push_back(ToJson(key));
  return out;
}

std::vector<item::KeyAttribute> ReadKeys(const std::vector<Fields>& all) {
  std::vector<item::KeyAttribute> keys;
  for (const Fields& fields : all) keys.push_back(ReadKey(fields));
  return keys;
}

json::object ToJson(const OnDemandThroughput& on_demand) {
  return {{"max_read_units", on_demand.max_read_units},
          {"max_write_units", on_demand.max_write_units}};
}

std::optional<OnDemandThroughput> ReadOnDemand(const Fields& parent) {
  if (!parent.Has("on_demand")) return std::nullopt;
  const Fields fields = parent.Object("on_demand");
  return OnDemandThroughput{fields.Int("max_read_units"), fields.Int("max_write_units")};
}

json::object ToJson(const IndexRecord& index) {
  const index::Definition& definition = index.definition;
  json::array included;
  for (const auto& name : definition.included) included.emplace_back(name);
  json::object out{{"name", index.name},
                   {"local", index.local},
                   {"number", definition.number},
                   {"partition", ToJson(definition.partition)},
                   {"sort", ToJson(definition.sort)},
                   {"projection", static_cast<int64_t>(definition.projection)},
                   {"included", std::move(included)},
                   {"status", static_cast<int64_t>(index.status)},
                   {"building", definition.building},
                   {"deletes_only", definition.deletes_only},
                   {"built_to", codec::EncodeBase64(index.built_to)},
                   {"ready_at", ToMicros(index.ready_at)},
                   {"read_units", index.throughput.read_units},
                   {"write_units", index.throughput.write_units}};
  if (index.on_demand) out["on_demand"] = ToJson(*index.on_demand);
  return out;
}

IndexRecord ReadIndex(Fields fields) {
  IndexRecord index;
  index.name = fields.Text("name");
  index.local = fields.Bool("local");
  index::Definition& definition = index.definition;
  definition.number =
      static_cast<uint16_t>(fields.Int("number", item::kFirstSecondaryIndex, 0xFFFF));
  definition.partition = ReadKeys(fields.Objects("partition"));
  definition.sort = ReadKeys(fields.Objects("sort"));
  definition.projection = static_cast<index::Projection>(fields.Int("projection", 0, 2));
  definition.included = fields.Texts("included");
  definition.building = fields.Bool("building");
  definition.deletes_only = fields.Has("deletes_only") && fields.Bool("deletes_only");
  index.status = static_cast<IndexStatus>(fields.Int("status", 0, 2));
  index.built_to = fields.Binary("built_to");
  index.ready_at = fields.Time("ready_at");
  index.throughput = {fields.Int("read_units"), fields.Int("write_units")};
  index.on_demand = ReadOnDemand(fields);
  return index;
}

// Where there is none, nothing is written.
void AddPolicy(const ResourcePolicy& policy, json::object* out) {
  if (policy.text.empty()) return;
  (*out)["policy"] = json::object{{"text", policy.text}, {"revision", policy.revision}};
}

ResourcePolicy ReadResourcePolicy(Fields fields) {
  if (!fields.Has("policy")) return {};
  const Fields policy = fields.Object("policy");
  return {.text = policy.Text("text"), .revision = policy.Text("revision")};
}

json::object ToJson(const StreamSettings& stream) {
  json::object out{{"enabled", stream.enabled},
                   {"view", static_cast<int64_t>(stream.view)},
                   {"label", stream.label},
                   {"enabled_at", ToMicros(stream.enabled_at)},
                   {"disabled_at", ToMicros(stream.disabled_at)}};
  AddPolicy(stream.policy, &out);
  return out;
}

StreamSettings ReadStream(Fields fields) {
  return {.enabled = fields.Bool("enabled"),
          .view = static_cast<StreamView>(fields.Int("view", 0, 3)),
          .label = fields.Text("label"),
          .enabled_at = fields.Time("enabled_at"),
          .disabled_at = fields.Time("disabled_at"),
          .policy = ReadResourcePolicy(fields)};
}

json::object ToJson(const RestoreSummary& restore) {
  json::object out{{"source_backup_arn", restore.source_backup_arn},
                   {"source_table_arn", restore.source_table_arn},
                   {"restore_time", ToMicros(restore.restore_time)},
                   {"in_progress", restore.in_progress},
                   {"image_directory", restore.image_directory},
                   {"source_region", restore.source_region.value},
                   {"source_table", restore.source_table.ToString()},
                   {"point_in_time", restore.point_in_time},
                   {"history_key", codec::EncodeBase64(restore.history_key)}};
  if (restore.recovery_days != 0) out["recovery_days"] = restore.recovery_days;
  return out;
}

RestoreSummary ReadRestore(Fields fields) {
  RestoreSummary restore;
  restore.source_backup_arn = fields.Text("source_backup_arn");
  restore.source_table_arn = fields.Text("source_table_arn");
  restore.restore_time = fields.Time("restore_time");
  restore.in_progress = fields.Bool("in_progress");
  restore.image_directory = fields.Text("image_directory");
  restore.source_region = Region(fields.Text("source_region"));
  restore.source_table = fields.Id<TableId>("source_table");
  restore.point_in_time = fields.Bool("point_in_time");
  restore.history_key = fields.Binary("history_key");
  if (fields.Has("recovery_days"))
    restore.recovery_days = static_cast<int>(fields.Int("recovery_days", 0, 35));
  return restore;
}

}  // namespace

std::string_view ToString(TableStatus status) {
  return kTableStatusNames[static_cast<size_t>(status)];
}
std::string_view ToString(BillingMode mode) { return kBillingNames[static_cast<size_t>(mode)]; }
std::string_view ToString(StreamView view) { return kViewNames[static_cast<size_t>(view)]; }

std::string_view ToString(IndexStatus status) {
  return kIndexStatusNames[static_cast<size_t>(status)];
}

const IndexRecord* TableRecord::FindIndex(std::string_view index) const {
  const auto at = std::ranges::find(indexes, index, &IndexRecord::name);
  return at == indexes.end() ? nullptr : &*at;
}

IndexRecord* TableRecord::FindIndex(std::string_view index) {
  return const_cast<IndexRecord*>(std::as_const(*this).FindIndex(index));
}

std::set<std::string_view> TableRecord::KeyNames() const {
  std::set<std::string_view> names{keys.partition.name};
  if (keys.sort) names.insert(keys.sort->name);
  for (const IndexRecord& index : indexes) {
    for (const auto& key : index.definition.partition) names.insert(key.name);
    for (const auto& key : index.definition.sort) names.insert(key.name);
  }
  return names;
}

void TableRecord::DropUnusedAttributes() {
  const auto used = KeyNames();
  std::erase_if(attributes, [&](const auto& attribute) { return !used.contains(attribute.name); });
}

void TableRecord::CompleteIndexes() {
  for (IndexRecord& index : indexes) index.definition.Complete(keys);
}

std::string TableRecord::Arn() const {
  return "arn:aws:dynamodb:" + region.value + ":" + account.value + ":table/" + name;
}

std::string TableRecord::StreamArn() const { return Arn() + "/stream/" + stream->label; }

Throughput TableRecord::Warm() const {
  const Throughput& given = billing == BillingMode::kPayPerRequest ? kWarmOnDemand : throughput;
  return {std::max(warm.read_units, given.read_units),
          std::max(warm.write_units, given.write_units)};
}

int64_t ThroughputChanges::DecreasesOn(Timestamp now) const {
  using std::chrono::days;
  using std::chrono::floor;
  return floor<days>(decreased) == floor<days>(now) ? decreases : 0;
}

json::object ToJson(const TableRecord& record) {
  json::object out{
      {"version", kTableVersion},
      {"account", record.account.value},
      {"region", record.region.value},
      {"name", record.name},
      {"id", record.id.ToString()},
      {"status", static_cast<int64_t>(record.status)},
      {"created", ToMicros(record.created)},
      {"partition", ToJson(record.keys.partition)},
      {"billing", static_cast<int64_t>(record.billing)},
      {"billing_changed", ToMicros(record.billing_changed)},
      {"read_units", record.throughput.read_units},
      {"write_units", record.throughput.write_units},
      {"throughput_changes",
       json::object{{"increased", ToMicros(record.throughput_changes.increased)},
                    {"decreased", ToMicros(record.throughput_changes.decreased)},
                    {"decreases", record.throughput_changes.decreases}}},
      {"warm_read_units", record.warm.read_units},
      {"warm_write_units", record.warm.write_units},
      {"table_class", record.table_class},
      {"table_class_changed", ToMicros(record.table_class_changed)},
      {"deletion_protection", record.deletion_protection},
      {"sse", json::object{{"enabled", record.sse.enabled},
                           {"type", record.sse.type},
                           {"key_arn", record.sse.key_arn},
                           {"inaccessible", ToMicros(record.sse.inaccessible)},
                           {"moving", record.sse.moving}}},
      {"ttl", json::object{{"attribute", record.ttl.attribute},
                           {"changed", ToMicros(record.ttl.changed)},
                           {"unsettled", record.ttl.unsettled}}},
      {"pitr", json::object{{"enabled", record.pitr.enabled},
                            {"period_days", record.pitr.period_days},
                            {"enabled_at", ToMicros(record.pitr.enabled_at)},
                            {"history_key", codec::EncodeBase64(record.pitr.history_key)},
                            {"history_from", PositionJson(record.pitr.history_from)}}}};
  if (record.keys.sort) out["sort"] = ToJson(*record.keys.sort);
  json::array attributes;
  for (const auto& attribute : record.attributes) {
    attributes.push_back(
        json::object{{"name", attribute.name}, {"type", static_cast<int64_t>(attribute.type)}});
  }
  out["attributes"] = std::move(attributes);
  json::array indexes;
  for (const IndexRecord& index : record.indexes) indexes.push_back(ToJson(index));
  out["indexes"] = std::move(indexes);
  out["next_index"] = record.next_index;
  if (record.on_demand) out["on_demand"] = ToJson(*record.on_demand);
  json::array tags;
  for (const Tag& tag : record.tags)
    tags.push_back(json::object{{"key", tag.key}, {"value", tag.value}});
  out["tags"] = std::move(tags);
  AddPolicy(record.policy, &out);
  if (record.stream) out["stream"] = ToJson(*record.stream);
  if (record.restore) out["restore"] = ToJson(*record.restore);
  return out;
}

TableRecord ReadTableRecord(Fields fields) {
  TableRecord record;
  record.account = AccountId(fields.Text("account"));
  record.region = Region(fields.Text("region"));
  record.name = fields.Text("name");
  record.id = fields.Id<TableId>("id");
  record.status = static_cast<TableStatus>(fields.Int("status", 0, 2));
  record.created = fields.Time("created");
  record.keys.partition = ReadKey(fields.Object("partition"));
  if (fields.Has("sort")) record.keys.sort = ReadKey(fields.Object("sort"));
  for (Fields attribute : fields.Objects("attributes")) {
    record.attributes.push_back(
        {attribute.Text("name"), static_cast<item::Type>(attribute.Int("type"))});
  }
  record.billing = static_cast<BillingMode>(fields.Int("billing", 0, 1));
  record.billing_changed = fields.Time("billing_changed");
  record.throughput = {fields.Int("read_units"), fields.Int("write_units")};
  Fields changes = fields.Object("throughput_changes");
  record.throughput_changes = {changes.Time("increased"), changes.Time("decreased"),
                               changes.Int("decreases")};
  record.warm = {fields.Int("warm_read_units"), fields.Int("warm_write_units")};
  for (const Fields& index : fields.Objects("indexes")) record.indexes.push_back(ReadIndex(index));
  record.CompleteIndexes();
  record.next_index =
      static_cast<uint16_t>(fields.Int("next_index", item::kFirstSecondaryIndex, 0xFFFF));
  record.on_demand = ReadOnDemand(fields);
  record.table_class = fields.Text("table_class");
  record.table_class_changed = fields.Time("table_class_changed");
  record.deletion_protection = fields.Bool("deletion_protection");
  Fields sse = fields.Object("sse");
  record.sse = {
      .enabled = sse.Bool("enabled"), .type = sse.Text("type"), .key_arn = sse.Text("key_arn")};
  if (sse.Has("inaccessible")) record.sse.inaccessible = sse.Time("inaccessible");
  if (sse.Has("moving")) record.sse.moving = sse.Bool("moving");
  for (Fields tag : fields.Objects("tags"))
    record.tags.push_back({tag.Text("key"), tag.Text("value")});
  Fields ttl = fields.Object("ttl");
  record.ttl = {ttl.Text("attribute"), ttl.Time("changed"), ttl.Bool("unsettled")};
  Fields pitr = fields.Object("pitr");
  record.pitr = {pitr.Bool("enabled"), static_cast<int>(pitr.Int("period_days")),
                 pitr.Time("enabled_at"), pitr.Binary("history_key"),
                 ReadPosition(pitr.Object("history_from"))};
  record.policy = ReadResourcePolicy(fields);
  if (fields.Has("stream")) record.stream = ReadStream(fields.Object("stream"));
  if (fields.Has("restore")) record.restore = ReadRestore(fields.Object("restore"));
  return record;
}

Result<void> CheckAccessible(const TableRecord& record) {
  if (record.sse.inaccessible == Timestamp{}) return {};
  return Fail(ErrorKind::kKeyDisabled,
              "KMS key access denied error: {} is disabled, pending deletion or deleted",
              record.sse.key_arn);
}

std::string EncodeTableRecord(const TableRecord& record) { return json::serialize(ToJson(record)); }

Result<TableRecord> DecodeTableRecord(std::string_view text) {
  return DecodeRecord<TableRecord>(text, kTableVersion, "table", ReadTableRecord);
}

}  // namespace tidemark::catalog
