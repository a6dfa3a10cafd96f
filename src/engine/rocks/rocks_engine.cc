#include "engine/rocks/rocks_engine.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/rocks_store.h"
#include "engine/rocks/seal_head.h"
#include "engine/rocks/sst_slices.h"
#include "engine/run_names.h"

namespace tidemark::engine {
namespace {

constexpr char kRunMakingPrefix[] = "run-making-";
constexpr char kCurrentFile[] = "CURRENT";
constexpr char kFillingSuffix[] = ".filling";
constexpr uint64_t kColdSliceBytes = 1 << 30;

std::string Inside(const std::string& name) {
  return std::string(SealingFileSystem::kInside) + "/" + name;
}

bool IsImageFile(const std::string& name) {
  return name == kCurrentFile || name.starts_with("MANIFEST-") ||
         (name.ends_with(".sst") && !name.starts_with(kRunMakingPrefix));
}

// What an operator can do about a table that does not open.
Error WithNextStep(Error error, const std::string& directory) {
  // The directory is there, so what is not found is a part of it.
  if (error.kind == ErrorKind::kNotFound) error.kind = ErrorKind::kCorruption;
  const char* step = nullptr;
  if (error.kind == ErrorKind::kCorruption) {
    step =
        "put back what is damaged or missing from a copy of the data directory, or restore the "
        "table from a backup or to a point in time";
  } else if (error.kind == ErrorKind::kIo) {
    step =
        "check the disk, and that the server may read and write the directory; then open the "
        "table again";
  }
  if (step == nullptr) return error;
  error = WithContext(std::move(error), "the table in {} cannot be opened", directory);
  error.message += fmt::format(". Next step: {}", step);
  return error;
}

// A clone that is only read, and gone when it is closed.
class ImageReader : public StoredRows {
 public:
  ImageReader(std::unique_ptr<TableStore> store, std::string directory)
      : store_(std::move(store)), directory_(std::move(directory)) {}
  ~ImageReader() override {
    store_->Abandon();
    store_.reset();
    if (auto removed = RemoveTree(directory_); !removed)
      LogWarn("{} stays until the next start: {}", directory_, removed.error().message);
  }

  Result<std::optional<Bytes>> Get(BytesView key, bool cached_only) const override {
    return store_->Get(key, cached_only);
  }
  Result<std::unique_ptr<RowIterator>> Scan(const ScanOptions& options) const override {
    return store_->Scan(options);
  }
  Bytes Note() const override { return store_->Note(); }
  bool HasRun() const override { return store_->HasRun(); }

 private:
  std::unique_ptr<TableStore> store_;
  const std::string directory_;
};

class RocksEngine : public Engine {
 public:
  RocksEngine(const EngineOptions& options, crypto::DataKeyProvider& keys, Random& random)
      : shared_(std::make_shared<const RocksShared>(options, keys, random)) {}

  Result<std::unique_ptr<TableStore>> Create(const std::string& directory, TableId table) override {
    TM_TRY(auto store, CreateStore(directory, table, {.create = true}));
    return store;
  }

  Result<std::unique_ptr<TableStore>> Open(const std::string& directory, TableId table) override {
    if (!Exists(directory)) return Fail(ErrorKind::kNotFound, "no table in {}", directory);
    auto store = OpenExisting(directory, table);
    if (!store) return Fail(WithNextStep(std::move(store).error(), directory));
    return store;
  }

  Result<std::unique_ptr<TableStore>> Clone(const std::string& source, const std::string& directory,
                                            TableId table) override {
    return CloneImage(source, directory, table, {.compact = false});
  }

  Result<std::unique_ptr<StoredRows>> OpenImage(const std::string& source,
                                                const std::string& directory,
                                                TableId table) override {
    TM_TRY(auto store, CloneImage(source, directory, table, {.lasts = false, .compact = false}));
    return std::make_unique<ImageReader>(std::move(store), directory);
  }

  Result<void> WriteRun(const std::string& pinned, const NextRow& next) override {
    if (!Exists(pinned)) return Fail(ErrorKind::kNotFound, "no image {}", pinned);
    TM_TRY(auto files, FilesOf(pinned));
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    rocksdb::Options options = TableOptions(*shared_, env.get(), pinned);
    TM_TRY(const auto written, WriteSlices(options, Inside(kRunMakingPrefix), UINT64_MAX, next));
    // A job that starts again replaces what its first attempt wrote.
    std::string run = Inside(RunName(0));
    if (!written.paths.empty()) {
      TM_TRYV(CheckRocks(env->RenameFile(written.paths.front(), run),
                         "rename to the run of " + pinned));
    } else if (Exists(pinned + "/" + RunName(0))) {
      TM_TRYV(CheckRocks(env->DeleteFile(run), "delete the run of " + pinned));
    }
    return SyncDirectory(pinned);
  }

  Result<void> WriteColdImage(const std::string& directory, TableId table,
                              const NextRow& next) override {
    if (Exists(directory)) return Fail(ErrorKind::kAlreadyExists, "{} exists", directory);
    const std::string filling = directory + kFillingSuffix;
    TM_TRYV(RemoveTree(filling));  // of an attempt that was cut off
    Result<void> done = FillColdImage(filling, directory, table, next);
    if (auto removed = RemoveTree(filling); !removed) LogWarn("{}", removed.error().message);
    return done;
  }

  Result<void> RewrapKeys(const std::string& directory, TableId table) override {
    TM_TRY(const auto keys, ReadKeys(directory));
    TM_TRY(const auto rewrapped, Rewrap(shared_->keys, keys, table));
    return WriteKeys(directory, rewrapped);
  }

  Result<std::vector<ImageKey>> KeysOf(const std::string& image) override {
    TM_TRY(const auto wrapped, ReadKeys(image));
    TM_TRY(const auto ring, UnwrapKeys(shared_->keys, wrapped));
    std::vector<ImageKey> keys;
    for (const WrappedKey& key : wrapped) {
      keys.push_back({.generation = key.generation,
                      .current = key.current,
                      .key = ring->Find(key.generation)->key});
    }
    return keys;
  }

  Result<void> PutKeys(const std::string& directory, TableId table,
                       const std::vector<ImageKey>& keys) override {
    std::vector<WrappedKey> wrapped;
    for (const ImageKey& key : keys) {
      WrappedKey one{
          .generation = key.generation, .current = key.current, .context = TableKeyContext(table)};
      TM_TRY(one.wrapped, shared_->keys.Wrap(key.key, one.context));
      wrapped.push_back(std::move(one));
    }
    return WriteKeys(directory, wrapped);
  }

  EngineStats Stats() const override {
    return {.open_descriptors = shared_->descriptors->open(),
            .descriptor_budget = shared_->descriptors->budget(),
            .descriptor_opens = shared_->descriptors->opens(),
            .open_tables = shared_->open_tables,
            .memtable_bytes = shared_->write_buffers->memory_usage(),
            .block_cache_bytes = shared_->block_cache->GetUsage(),
            .block_cache_capacity = shared_->block_cache->GetCapacity()};
  }

 private:
  Result<std::unique_ptr<RocksStore>> CreateStore(const std::string& directory, TableId table,
                                                  RocksStore::How how) {
    TM_TRY(std::string aside, MakeAside(directory));
    return Build(aside, directory, [&]() -> Result<std::unique_ptr<RocksStore>> {
      TM_TRY(auto key, MakeTableKey(shared_->keys, shared_->random, table));
      TM_TRYV(WriteFirstKeys(aside, {key}));
      TM_TRY(auto files, FilesOf(aside));
      files->DeferSyncs();
      return OpenAndPublish(std::move(files), directory, how, /*runs=*/{});
    });
  }

  // Through a database in `filling`, which is of no use afterwards.
  Result<void> FillColdImage(const std::string& filling, const std::string& directory,
                             TableId table, const NextRow& next) {
    TM_TRY(const auto store, CreateStore(filling, table, {.create = true, .compact = false}));
    TM_TRY(auto files, FilesOf(filling));
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    const rocksdb::Options options = ColdOptions(*shared_, env.get(), directory);
    TM_TRY(const auto written, WriteSlices(options, Inside(kIngestPrefix), kColdSliceBytes, next));
    if (!written.paths.empty()) TM_TRYV(store->IngestFiles(written.paths));
    TM_TRYV(store->Pin(directory));
    store->Abandon();
    return {};
  }

  Result<std::unique_ptr<TableStore>> CloneImage(const std::string& source,
                                                 const std::string& directory, TableId table,
                                                 RocksStore::How how) {
    if (!Exists(source)) return Fail(ErrorKind::kNotFound, "no image {}", source);
    TM_TRY(std::string aside, MakeAside(directory));
    auto store = Build(aside, directory, [&]() -> Result<std::unique_ptr<RocksStore>> {
      TM_TRY(auto used, LinkImage(source, aside));
      TM_TRY(auto own, MakeTableKey(shared_->keys, shared_->random, table));
      TM_TRY(auto foreign, ReadKeys(source));
      std::erase_if(foreign, [&](const WrappedKey& key) { return !used.contains(key.generation); });
      // For the new table: it needs the source's wrapping key now, and never again.
      TM_TRY(auto taken, Rewrap(shared_->keys, foreign, table));
      std::vector<WrappedKey> keys{std::move(own)};
      for (WrappedKey& key : taken) {
        key.current = false;
        keys.push_back(std::move(key));
      }
      TM_TRYV(WriteKeys(aside, keys));
      TM_TRY(auto files, FilesOf(aside));
      if (!how.lasts) files->DeferSyncs();
      TM_TRY(const auto names, ListDirectory(aside));
      const std::vector<size_t> runs = RunsAmong(names);
      TM_TRYV(CheckRuns(source, runs));
      return OpenAndPublish(std::move(files), directory, how, runs);
    });
    if (!store) return Fail(std::move(store).error());
    return std::move(*store);
  }

  Result<std::unique_ptr<TableStore>> OpenExisting(const std::string& directory, TableId table) {
    TM_TRY(auto keys, ReadKeys(directory));
    auto current = std::ranges::find_if(keys, [](const WrappedKey& key) { return key.current; });
    if (current->context != TableKeyContext(table)) {
      return Fail(ErrorKind::kCorruption, "{} belongs to \"{}\", not to \"{}\"", directory,
                  current->context, TableKeyContext(table));
    }
    // RocksDB would take a directory without it for a new table.
    if (!Exists(directory + "/" + kCurrentFile)) {
      return Fail(ErrorKind::kCorruption, "{}/{} is missing", directory, kCurrentFile);
    }
    TM_TRYV(RemoveIngestLeftovers(directory));
    TM_TRY(auto ring, UnwrapKeys(shared_->keys, keys));
    TM_TRY(auto store, RocksStore::Open(shared_, MakeFiles(directory, std::move(ring)), {}));
    return store;
  }

  std::shared_ptr<SealingFileSystem> MakeFiles(const std::string& directory,
                                               std::shared_ptr<const KeyRing> ring) {
    return std::make_shared<SealingFileSystem>(directory, std::move(ring), shared_->random,
                                               shared_->descriptors);
  }

  Result<std::shared_ptr<SealingFileSystem>> FilesOf(const std::string& directory) {
    TM_TRY(auto keys, ReadKeys(directory));
    TM_TRY(auto ring, UnwrapKeys(shared_->keys, keys));
    return MakeFiles(directory, std::move(ring));
  }

  // Runs `make` over a directory built aside, and takes that away again when it fails.
  template <class Make>
  Result<std::unique_ptr<RocksStore>> Build(const std::string& aside, const std::string& directory,
                                            Make make) {
    Result<std::unique_ptr<RocksStore>> store = make();
    if (store) return store;
    if (Result<void> removed = RemoveTree(aside); !removed) LogWarn("{}", removed.error().message);
    return Fail(WithContext(std::move(store).error(), "making {}", directory));
  }

  // The directory gets its name only now that everything in it is complete.
  Result<std::unique_ptr<RocksStore>> OpenAndPublish(std::shared_ptr<SealingFileSystem> files,
                                                     const std::string& directory,
                                                     RocksStore::How how,
                                                     const std::vector<size_t>& runs) {
    how.has_run = !runs.empty();
    TM_TRY(auto store, RocksStore::Open(shared_, files, how));
    // One after the other: each lies over those before.
    for (const size_t run : runs) TM_TRYV(store->IngestFiles({Inside(RunName(run))}));
    TM_TRYV(files->MoveTo(directory));
    return store;
  }

  // Of those that were added to the image's own run, which it may lack, none is missing in between.
  static Result<void> CheckRuns(const std::string& source, const std::vector<size_t>& runs) {
    const size_t own = !runs.empty() && runs.front() == 0 ? 1 : 0;
    for (size_t at = own; at < runs.size(); ++at) {
      const size_t expected = at + 1 - own;
      if (runs[at] == expected) continue;
      return Fail(ErrorKind::kCorruption, "{}/{} is missing", source, RunName(expected));
    }
    return {};
  }

  // Links an image's files into `aside`; returns the key generations they are sealed with.
  Result<std::set<KeyGeneration>> LinkImage(const std::string& source, const std::string& aside) {
    std::set<KeyGeneration> used;
    TM_TRY(auto names, ListDirectory(source));
    for (const std::string& name : names) {
      if (!IsImageFile(name)) continue;
      TM_TRYV(Link(source + "/" + name, aside + "/" + name));
      TM_TRY(KeyGeneration generation, ReadGeneration(aside + "/" + name));
      used.insert(generation);
    }
    if (!Exists(aside + "/" + kCurrentFile)) {
      return Fail(ErrorKind::kCorruption, "image {} has no file {}", source, kCurrentFile);
    }
    return used;
  }

  Result<void> RemoveIngestLeftovers(const std::string& directory) {
    TM_TRY(auto names, ListDirectory(directory));
    for (const std::string& name : names) {
      if (name.starts_with(kIngestPrefix)) TM_TRYV(RemoveTree(directory + "/" + name));
    }
    return {};
  }

  std::shared_ptr<const RocksShared> shared_;
};

}  // namespace

Result<std::unique_ptr<Engine>> MakeRocksEngine(const EngineOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random) {
  // WHY: OpenSSL must be there before RocksDB's threads, or it goes before them, with what they
  // hold of it.
  (void)random.String(1);
  return std::make_unique<RocksEngine>(options, keys, random);
}

}  // namespace tidemark::engine
