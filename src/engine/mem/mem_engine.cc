#include "engine/mem/mem_engine.h"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "base/assert.h"

namespace tidemark::engine {
namespace {

using Rows = std::map<Bytes, Bytes, std::less<>>;
using Changes = std::map<Bytes, std::optional<Bytes>, std::less<>>;

// What a directory would hold. Rows are shared with iterators, images and clones; a writer copies
// them first when anybody else still looks on.
struct Files {
  std::shared_ptr<const Rows> rows = std::make_shared<Rows>();
  log::Position position;
  Bytes note;
  Changes run;           // of an image
  bool has_run = false;  // it was laid over `rows`
};

struct Table {
  std::mutex mutex;
  std::string directory;
  MemEngine::Ailment ailment = MemEngine::Ailment::kNone;
  std::shared_ptr<Rows> rows = std::make_shared<Rows>();  // never written while shared
  Files durable;
  log::Position last;
  Bytes note;
  std::optional<log::Position> oldest_dirty;
  uint64_t dirty_bytes = 0;
  bool open = false;
  bool has_run = false;  // the image it was cloned from

  Result<void> CheckSound() const {
    if (ailment != MemEngine::Ailment::kBroken) return {};
    return Fail(ErrorKind::kIo, "{} made to fail", directory);
  }
  Rows& Writable() {
    if (rows.use_count() > 1) rows = std::make_shared<Rows>(*rows);
    return *rows;
  }
  void FlushLocked() {
    durable.rows = rows;
    durable.position = last;
    durable.note = note;
    oldest_dirty.reset();
    dirty_bytes = 0;
  }
};

struct Shared {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Table>> tables;  // by directory
  std::map<std::string, Files> images;
  std::atomic<bool> lose_unflushed = false;
  std::atomic<bool> fail_flushes = false;
};

uint64_t BytesOf(const Rows& rows) {
  uint64_t bytes = 0;
  for (const auto& [key, value] : rows) bytes += key.size() + value.size();
  return bytes;
}

void ApplyTo(Rows& rows, BytesView key, const std::optional<BytesView>& value) {
  if (value) {
    rows.insert_or_assign(Bytes(key), Bytes(*value));
  } else if (auto row = rows.find(key); row != rows.end()) {
    rows.erase(row);
  }
}

Result<void> Collect(const NextRow& next, Changes* changes) {
  while (true) {
    TM_TRY(auto row, next());
    if (!row) return {};
    TM_ASSERT(row->key >= kFirstRowKey);
    if (!changes->empty() && changes->rbegin()->first >= row->key) {
      return Fail(ErrorKind::kInternal, "rows to ingest are not in strictly increasing key order");
    }
    changes->emplace_hint(changes->end(), Bytes(row->key),
                          row->value ? std::optional<Bytes>(Bytes(*row->value)) : std::nullopt);
  }
}

class MemIterator : public RowIterator {
 public:
  MemIterator(std::shared_ptr<Table> table, std::shared_ptr<const Rows> rows, ScanOptions options)
      : table_(std::move(table)), rows_(std::move(rows)), reverse_(options.reverse) {
    first_ = rows_->lower_bound(options.begin);
    last_ = options.end.empty() ? rows_->end() : rows_->lower_bound(options.end);
    if (!options.end.empty() && options.end <= options.begin) last_ = first_;
    at_ = reverse_ ? last_ : first_;
    valid_ = first_ != last_;
    if (valid_ && reverse_) --at_;
  }
  ~MemIterator() override {
    // Under the writer's mutex, so that it never writes rows somebody was still reading.
    std::lock_guard lock(table_->mutex);
    rows_.reset();
  }

  bool Valid() const override { return valid_; }
  void Next() override {
    TM_ASSERT(valid_);
    if (reverse_) {
      valid_ = at_ != first_;
      if (valid_) --at_;
    } else {
      valid_ = ++at_ != last_;
    }
  }
  BytesView key() const override { return at_->first; }
  BytesView value() const override { return at_->second; }
  Result<void> status() const override { return {}; }

 private:
  std::shared_ptr<Table> table_;
  std::shared_ptr<const Rows> rows_;
  Rows::const_iterator first_, last_, at_;
  bool reverse_;
  bool valid_ = false;
};

class MemStore : public TableStore {
 public:
  MemStore(std::shared_ptr<Shared> shared, std::shared_ptr<Table> table)
      : shared_(std::move(shared)), table_(std::move(table)) {}
  ~MemStore() override {
    std::lock_guard lock(table_->mutex);
    table_->open = false;
    if (!shared_->lose_unflushed) table_->FlushLocked();
  }

  Result<void> Apply(std::span<const RowWrite> writes, log::Position position,
                     BytesView note) override {
    std::lock_guard lock(table_->mutex);
    if (table_->ailment == MemEngine::Ailment::kBusy) {
      return Fail(ErrorKind::kBusy, "{} made busy", table_->directory);
    }
    TM_TRYV(table_->CheckSound());
    Rows& rows = table_->Writable();
    for (const RowWrite& write : writes) {
      TM_ASSERT(write.key >= kFirstRowKey);
      ApplyTo(rows, write.key, write.value);
      table_->dirty_bytes += write.key.size() + (write.value ? write.value->size() : 0);
    }
    table_->last = position;
    table_->note = note;
    if (!table_->oldest_dirty) table_->oldest_dirty = position;
    return {};
  }

  Bytes Note() const override {
    std::lock_guard lock(table_->mutex);
    return table_->note;
  }
  bool HasRun() const override { return table_->has_run; }

  log::Position Flushed() const override {
    std::lock_guard lock(table_->mutex);
    return table_->durable.position;
  }
  std::optional<log::Position> OldestDirty() const override {
    std::lock_guard lock(table_->mutex);
    return table_->oldest_dirty;
  }
  uint64_t DirtyBytes() const override {
    std::lock_guard lock(table_->mutex);
    return table_->dirty_bytes;
  }

  Result<std::optional<Bytes>> Get(BytesView key, bool) const override {
    std::lock_guard lock(table_->mutex);
    auto row = table_->rows->find(key);
    if (row == table_->rows->end()) return std::nullopt;
    return row->second;
  }

  Result<void> GetMany(std::span<const Bytes> keys, const TakeRow& take) const override {
    for (const Bytes& key : keys) {
      TM_TRY(const auto value, Get(key, false));
      if (value) TM_TRYV(take(key, *value));
    }
    return {};
  }

  Result<std::unique_ptr<RowIterator>> Scan(const ScanOptions& options) const override {
    std::shared_ptr<const Rows> rows;
    {
      std::lock_guard lock(table_->mutex);
      rows = table_->rows;
    }
    return std::make_unique<MemIterator>(table_, std::move(rows), options);
  }

  Result<void> Flush() override {
    if (shared_->fail_flushes) return Fail(ErrorKind::kIo, "flush made to fail");
    std::lock_guard lock(table_->mutex);
    TM_TRYV(table_->CheckSound());
    table_->FlushLocked();
    return {};
  }

  Result<Pinned> Pin(const std::string& directory) override {
    Files image;
    {
      std::lock_guard lock(table_->mutex);
      image = table_->durable;
    }
    Pinned pinned{.bytes = BytesOf(*image.rows)};
    std::lock_guard lock(shared_->mutex);
    if (shared_->tables.contains(directory) ||
        !shared_->images.emplace(directory, std::move(image)).second) {
      return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
    }
    return pinned;
  }

  using TableStore::IngestParts;
  Result<void> IngestParts(std::span<const NextRow> parts,
                           const BeforeVisible& before_visible) override {
    Changes changes;
    for (const NextRow& part : parts) TM_TRYV(Collect(part, &changes));
    TM_TRYV(before_visible());
    std::lock_guard lock(table_->mutex);
    auto durable = std::make_shared<Rows>(*table_->durable.rows);
    Rows& rows = table_->Writable();
    for (const auto& [key, value] : changes) {
      ApplyTo(rows, key, value);
      ApplyTo(*durable, key, value);
    }
    table_->durable.rows = std::move(durable);
    return {};
  }

  Result<void> EraseRange(BytesView begin, BytesView end) override {
    TM_TRYV(Flush());
    std::lock_guard lock(table_->mutex);
    auto durable = std::make_shared<Rows>(*table_->durable.rows);
    for (Rows* rows : {&table_->Writable(), durable.get()})
      rows->erase(rows->lower_bound(Bytes(begin)), rows->lower_bound(Bytes(end)));
    table_->durable.rows = std::move(durable);
    return {};
  }

  Result<void> SetPosition(log::Position position, BytesView note) override {
    if (shared_->fail_flushes) return Fail(ErrorKind::kIo, "flush made to fail");
    std::lock_guard lock(table_->mutex);
    TM_TRYV(table_->CheckSound());
    table_->last = position;
    table_->note = note;
    table_->FlushLocked();
    return {};
  }

  Result<void> MoveTo(const std::string& directory) override {
    std::lock_guard lock(shared_->mutex);
    if (shared_->tables.contains(directory) || shared_->images.contains(directory)) {
      return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
    }
    std::lock_guard table_lock(table_->mutex);
    auto entry = shared_->tables.extract(table_->directory);
    table_->directory = directory;
    entry.key() = directory;
    shared_->tables.insert(std::move(entry));
    return {};
  }
  std::string Directory() const override {
    std::lock_guard lock(table_->mutex);
    return table_->directory;
  }

  void Abandon() override {}

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Table> table_;
};

class MemEngineOfNames : public MemEngine {
 public:
  void LoseUnflushed(bool lose) override { shared_->lose_unflushed = lose; }
  void FailFlushes(bool fail) override { shared_->fail_flushes = fail; }

  Result<std::unique_ptr<TableStore>> Create(const std::string& directory, TableId) override {
    return Add(directory, Files{});
  }

  Result<std::unique_ptr<TableStore>> Open(const std::string& directory, TableId) override {
    std::lock_guard lock(shared_->mutex);
    auto found = shared_->tables.find(directory);
    if (found == shared_->tables.end())
      return Fail(ErrorKind::kNotFound, "no table in {}", directory);
    Table& table = *found->second;
    std::lock_guard table_lock(table.mutex);
    TM_ASSERT(!table.open);
    table.rows = std::make_shared<Rows>(*table.durable.rows);
    table.last = table.durable.position;
    table.note = table.durable.note;
    table.oldest_dirty.reset();
    table.dirty_bytes = 0;
    table.open = true;
    return std::make_unique<MemStore>(shared_, found->second);
  }

  Result<std::unique_ptr<TableStore>> Clone(const std::string& source, const std::string& directory,
                                            TableId) override {
    TM_TRY(Files files, FilesOfImage(source));
    return Add(directory, std::move(files));
  }

  Result<void> WriteRun(const std::string& pinned, const NextRow& next) override {
    Changes changes;
    TM_TRYV(Collect(next, &changes));
    std::lock_guard lock(shared_->mutex);
    auto image = shared_->images.find(pinned);
    if (image == shared_->images.end()) return Fail(ErrorKind::kNotFound, "no image {}", pinned);
    image->second.run = std::move(changes);
    return {};
  }

  Result<std::unique_ptr<StoredRows>> OpenImage(const std::string& source, const std::string&,
                                                TableId) override {
    TM_TRY(Files files, FilesOfImage(source));
    auto table = std::make_shared<Table>();
    table->rows = std::make_shared<Rows>(*files.rows);
    table->note = files.note;
    table->has_run = files.has_run;
    return std::make_unique<MemStore>(shared_, std::move(table));
  }

  Result<void> WriteColdImage(const std::string& directory, TableId, const NextRow& next) override {
    Changes changes;
    TM_TRYV(Collect(next, &changes));
    auto rows = std::make_shared<Rows>();
    for (const auto& [key, value] : changes) ApplyTo(*rows, key, value);
    Files image;
    image.rows = std::move(rows);
    std::lock_guard lock(shared_->mutex);
    if (shared_->tables.contains(directory) ||
        !shared_->images.emplace(directory, std::move(image)).second) {
      return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
    }
    return {};
  }

  Result<void> RewrapKeys(const std::string&, TableId) override { return {}; }  // it has none
  Result<std::vector<ImageKey>> KeysOf(const std::string&) override {
    return std::vector<ImageKey>();
  }
  Result<void> PutKeys(const std::string&, TableId, const std::vector<ImageKey>&) override {
    return {};
  }

  void Afflict(const std::string& directory, Ailment ailment) override {
    std::lock_guard lock(shared_->mutex);
    auto table = shared_->tables.find(directory);
    TM_ASSERT(table != shared_->tables.end());
    std::lock_guard table_lock(table->second->mutex);
    table->second->ailment = ailment;
  }

  EngineStats Stats() const override {
    EngineStats stats;
    std::lock_guard lock(shared_->mutex);
    for (const auto& [directory, table] : shared_->tables) {
      std::lock_guard table_lock(table->mutex);
      stats.open_tables += table->open ? 1 : 0;
      stats.memtable_bytes += table->dirty_bytes;
    }
    return stats;
  }

 private:
  // With its run laid over.
  Result<Files> FilesOfImage(const std::string& source) {
    std::lock_guard lock(shared_->mutex);
    auto image = shared_->images.find(source);
    if (image == shared_->images.end()) return Fail(ErrorKind::kNotFound, "no image {}", source);
    Files files = image->second;
    if (files.run.empty()) return files;
    auto rows = std::make_shared<Rows>(*files.rows);
    for (const auto& [key, value] : files.run) ApplyTo(*rows, key, value);
    files.rows = std::move(rows);
    files.run.clear();
    files.has_run = true;
    return files;
  }

  Result<std::unique_ptr<TableStore>> Add(const std::string& directory, Files files) {
    auto table = std::make_shared<Table>();
    table->directory = directory;
    table->rows = std::make_shared<Rows>(*files.rows);
    table->last = files.position;
    table->note = files.note;
    table->has_run = files.has_run;
    table->durable = std::move(files);
    table->open = true;
    std::lock_guard lock(shared_->mutex);
    if (shared_->images.contains(directory) || !shared_->tables.emplace(directory, table).second) {
      return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
    }
    return std::make_unique<MemStore>(shared_, std::move(table));
  }

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<MemEngine> MakeMemEngine() { return std::make_unique<MemEngineOfNames>(); }

}  // namespace tidemark::engine
