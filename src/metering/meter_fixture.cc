#include "metering/meter_fixture.h"

#include "base/random.h"
#include "log/mem/mem_log.h"

namespace tidemark::metering {

MeterFixture::MeterFixture() {
  threads_.Start();
  shard_ = OpenShard(region_.value, 1);
  system_ = OpenShard("_system", 2);
  regions_.shard = shard_.get();
  catalog_ = *catalog::Catalog::Open(*system_, threads_.context(0));
  catalog_->SetEndings(
      {.backup = [this](const auto& backup) { return meter_->BackupEnds(backup); },
       .recovery = [this](const auto& table) { return meter_->RecoveryEnds(table); }});
  Restart();
}

MeterFixture::~MeterFixture() {
  meter_.reset();
  ledger_.reset();
  catalog_.reset();
  shard_.reset();
  system_.reset();
  threads_.Stop();
  threads_.Join();
}

std::unique_ptr<shard::Shard> MeterFixture::OpenShard(const std::string& name, uint64_t log_id) {
  auto shard = shard::Shard::Open({.name = name, .directory = (directory_.path() / name).string()},
                                  log::MakeMemLog(log_id), *engine_, clock_, pool_);
  EXPECT_TRUE(shard) << shard.error().message;
  return std::move(*shard);
}

void MeterFixture::Restart() {
  meter_.reset();
  ledger_ = *Ledger::Open(*system_, threads_.context(0));
  meter_ = std::make_unique<Meter>(
      *catalog_, regions_, *ledger_,
      Meter::Others{[this] { return done_; }, [this](const auto&) { return copied_; }});
  const auto started = meter_->Start();
  EXPECT_TRUE(started) << started.error().message;
}

TableId MeterFixture::AddTable(const std::string& name) {
  catalog::TableRecord record;
  record.account = account_;
  record.region = region_;
  record.name = name;
  record.id = TableId::Make(TheSystemRandom());
  record.status = catalog::TableStatus::kActive;
  record.keys.partition = {"pk", item::Type::kString};
  record.attributes = {{"pk", item::Type::kString}};
  EXPECT_TRUE(catalog_->InsertTable(record));
  EXPECT_TRUE(shard_->CreateTable(record.id, "{}"));
  return record.id;
}

void MeterFixture::Resize(TableId table, uint64_t bytes) {
  const auto handle = shard_->Find(table);
  const uint64_t before = handle->LoadTotals()->bytes;
  shard::WriteRequest request{handle, Bytes("\0\1row", 5), [=](const std::optional<Bytes>&) {
                                shard::Mutation mutation;
                                mutation.kind = shard::Mutation::Kind::kPut;
                                mutation.value = std::to_string(bytes);
                                mutation.old_size = before;
                                mutation.new_size = bytes;
                                return Result<shard::Mutation>(std::move(mutation));
                              }};
  const auto written =
      runtime::RunBlocking(threads_.context(0), shard_->Write(std::move(request), {}));
  EXPECT_TRUE(written) << written.error().message;
  EXPECT_EQ(handle->LoadTotals()->bytes, bytes);
}

void MeterFixture::SwitchRecovery(TableId table, bool on) {
  const auto edited = catalog_->EditTable(table, [&](catalog::TableRecord& record) -> Result<void> {
    record.pitr = {};
    record.pitr.enabled = on;
    if (on) record.pitr.enabled_at = Now();
    return {};
  });
  EXPECT_TRUE(edited) << edited.error().message;
}

std::string MeterFixture::AddBackup(TableId table, catalog::BackupType type, uint64_t bytes,
                                    const std::string& copied_from) {
  catalog::BackupRecord record;
  record.id = BackupId(std::to_string(++backups_));
  record.name = "backup";
  record.type = type;
  record.status = catalog::BackupStatus::kAvailable;
  record.created = Now();
  record.source = *catalog_->FindTable(table);
  record.image.id = ImageId::Make(TheSystemRandom());
  record.image.table = table;
  record.image.region = region_;
  record.image.directory = record.id.value;
  record.image.totals.bytes = bytes;
  record.copied_from_table = copied_from;
  EXPECT_TRUE(catalog_->PutBackup(record));
  return record.Arn();
}

void MeterFixture::MoveToCold(const std::string& arn) {
  EXPECT_TRUE(catalog_->EditBackup(
      arn, [&](catalog::BackupRecord& record) { record.image.cold_since = Now(); }));
}

std::vector<Entry> MeterFixture::Entries() const {
  std::vector<Entry> entries;
  const auto read = ledger_->ForEach(account_, Timestamp{},
                                     [&](const Entry& entry) { entries.push_back(entry); });
  EXPECT_TRUE(read) << read.error().message;
  return entries;
}

}  // namespace tidemark::metering
