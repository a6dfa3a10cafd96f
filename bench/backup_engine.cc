// RocksDB's own BackupEngine, for comparison (backup_cost.py). Acts:
//
//   make DIRECTORY ITEMS    a database of ITEMS random values of 1 KiB at random keys
//   backup DIRECTORY TO     a backup of it, synced
#include <fmt/core.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/backup_engine.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>

namespace {

constexpr size_t kValueBytes = 1024;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "{}\n", status.ToString());
  std::exit(1);
}

std::string RandomBytes(size_t bytes, std::mt19937_64& random) {
  std::string text(bytes, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

std::unique_ptr<rocksdb::DB> Open(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(options, directory, &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

void Make(const std::string& directory, uint64_t items) {
  const auto db = Open(directory);
  std::mt19937_64 random(1);
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  for (uint64_t i = 0; i < items; ++i)
    Check(db->Put(options, RandomBytes(16, random), RandomBytes(kValueBytes, random)));
  Check(db->Flush({}));
  Check(db->CompactRange({}, nullptr, nullptr));
}

void Backup(const std::string& directory, const std::string& to) {
  const auto db = Open(directory);
  rocksdb::BackupEngine* opened = nullptr;
  Check(rocksdb::BackupEngine::Open(rocksdb::Env::Default(), rocksdb::BackupEngineOptions(to),
                                    &opened));
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  Check(engine->CreateNewBackup(db.get()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string act = argc == 4 ? argv[1] : "";
  if (act == "make") {
    Make(argv[2], std::stoull(argv[3]));
  } else if (act == "backup") {
    Backup(argv[2], argv[3]);
  } else {
    fmt::print(stderr, "backup_engine make DIRECTORY ITEMS | backup DIRECTORY TO\n");
    return 2;
  }
}
