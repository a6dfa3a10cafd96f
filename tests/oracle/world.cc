#include "oracle/world.h"

#include <stdexcept>

namespace tidemark::oracle {
namespace {

template <class T>
T Must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}
void Must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().message);
}

// Another process opens the same directory.
crypto::Key256 TheRootKey() { return crypto::Key256::FromBytes(Bytes(32, 'k')); }

table::Caller Somebody() { return {.account = kAccount, .region = kRegion, .origin = {}}; }

table::IndexRequest IndexOn(const std::string& attribute, index::Projection projection) {
  return {.name = attribute, .key_schema = {{.name = attribute}}, .projection = projection};
}

}  // namespace

World::World(const Settings& settings)
    : settings_(settings), keys_(kms::RootKey(TheRootKey()), TheSystemRandom()) {}

void World::Open(int64_t clock_offset_us) {
  storage_.reset();
  clock_.MoveTo(SystemClock().Now() + Micros(clock_offset_us));
  StorageOptions options{.directory = settings_.directory};
  if (settings_.small) {
    options.recovery = {.unit_bytes = 256 << 10,
                        .batch_memory_bytes = 128 << 10,
                        .image_bytes_min = 128 << 10,
                        .image_age_min = {}};
  } else {
    options.engine = {.block_cache_bytes = 256 << 20, .write_buffer_bytes = 16 << 20};
    options.recovery = {.unit_bytes = 64 << 20, .image_bytes_min = 16 << 20, .image_age_min = {}};
  }
  storage_ = Must(Storage::Open(std::move(options), clock_, keys_));
  Must(storage_->Resume());
}

void World::CreateTable(int table) {
  table::CreateTableRequest request;
  request.table = TableName(table);
  request.attributes = {
      {"pk", item::Type::kString}, {"n", item::Type::kNumber}, {"kind", item::Type::kString}};
  request.key_schema = {{.name = "pk"}};
  request.global_indexes = {
      {IndexOn("n", index::Projection::kKeysOnly), IndexOn("kind", index::Projection::kAll)}};
  request.billing = catalog::BillingMode::kPayPerRequest;
  Must(runtime::RunBlocking(storage_->threads.context(0),
                            storage_->control->Create(Somebody(), request)));
  Must(storage_->recovery->Update(kAccount, kRegion, TableName(table), true, std::nullopt));
}

void World::DropTable(int table) {
  Must(runtime::RunBlocking(storage_->threads.context(0),
                            storage_->control->Delete(Somebody(), TableName(table))));
}

void World::ChangeSomeIndex() {
  const auto record = RecordOf(0);
  const auto late = std::ranges::find(record->indexes, "late", &catalog::IndexRecord::name);
  std::optional<catalog::AttributeDefinition> on;
  if (late == record->indexes.end()) {
    on.emplace(catalog::AttributeDefinition{"seed", item::Type::kString});
  } else if (late->status != catalog::IndexStatus::kActive) {
    return;  // a table has one change of indexes at a time
  }
  Must(ChangeIndex(*storage_, record->id, "late", on));
}

TableId World::IdOf(int table) const {
  const auto record = storage_->catalog->FindTable(kAccount, kRegion, TableName(table));
  if (!record) throw std::runtime_error("there is no table " + TableName(table));
  return record->id;
}

}  // namespace tidemark::oracle
