// An engine for tests whose tables fall sick on command: a wrapper of engine/mem.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/mem/mem_engine.h"

namespace tidemark::shard {

class FaultyEngine : public engine::Engine {
 public:
  // Apply of this table's store fails so from now on; nullopt: it works.
  void FailApply(TableId table, std::optional<ErrorKind> kind) {
    std::lock_guard lock(state_->mutex);
    state_->tables[table].apply = kind;
  }
  // So many more Apply calls work before the failure.
  void WorkFor(TableId table, int applies) {
    std::lock_guard lock(state_->mutex);
    state_->tables[table].work_for = applies;
  }
  void FailOpen(TableId table, bool fail) {
    std::lock_guard lock(state_->mutex);
    state_->tables[table].fail_open = fail;
  }
  // Values written, table by table, in the order in which stores took them.
  std::vector<std::pair<TableId, Bytes>> Taken() const {
    std::lock_guard lock(state_->mutex);
    return state_->taken;
  }
  engine::MemEngine& inner() { return *inner_; }

  Result<std::unique_ptr<engine::TableStore>> Create(const std::string& directory,
                                                     TableId table) override {
    return Wrap(table, inner_->Create(directory, table));
  }
  Result<std::unique_ptr<engine::TableStore>> Open(const std::string& directory,
                                                   TableId table) override {
    {
      std::lock_guard lock(state_->mutex);
      if (state_->tables[table].fail_open) return Fail(ErrorKind::kIo, "made not to open");
    }
    return Wrap(table, inner_->Open(directory, table));
  }
  Result<std::unique_ptr<engine::TableStore>> Clone(const std::string& source,
                                                    const std::string& directory,
                                                    TableId table) override {
    return Wrap(table, inner_->Clone(source, directory, table));
  }
  Result<std::unique_ptr<engine::StoredRows>> OpenImage(const std::string& source,
                                                        const std::string& directory,
                                                        TableId table) override {
    return inner_->OpenImage(source, directory, table);
  }
  Result<void> WriteRun(const std::string& pinned, const engine::NextRow& next) override {
    return inner_->WriteRun(pinned, next);
  }
  Result<void> WriteColdImage(const std::string& directory, TableId table,
                              const engine::NextRow& next) override {
    return inner_->WriteColdImage(directory, table, next);
  }
  Result<void> RewrapKeys(const std::string& directory, TableId table) override {
    return inner_->RewrapKeys(directory, table);
  }
  Result<std::vector<engine::ImageKey>> KeysOf(const std::string& image) override {
    return inner_->KeysOf(image);
  }
  Result<void> PutKeys(const std::string& directory, TableId table,
                       const std::vector<engine::ImageKey>& keys) override {
    return inner_->PutKeys(directory, table, keys);
  }
  engine::EngineStats Stats() const override { return inner_->Stats(); }

 private:
  struct Sickness {
    std::optional<ErrorKind> apply;
    int work_for = 0;
    bool fail_open = false;
  };
  struct State {
    std::mutex mutex;
    std::map<TableId, Sickness> tables;
    std::vector<std::pair<TableId, Bytes>> taken;
  };

  class Store : public engine::TableStore {
   public:
    Store(TableId table, std::shared_ptr<State> state, std::unique_ptr<engine::TableStore> inner)
        : table_(table), state_(std::move(state)), inner_(std::move(inner)) {}

    Result<void> Apply(std::span<const engine::RowWrite> writes, log::Position position,
                       BytesView note) override {
      std::lock_guard lock(state_->mutex);
      Sickness& sickness = state_->tables[table_];
      if (sickness.apply && sickness.work_for-- <= 0) return Fail(*sickness.apply, "made to fail");
      for (const engine::RowWrite& write : writes) {
        state_->taken.emplace_back(table_, Bytes(write.value.value_or("deleted")));
      }
      return inner_->Apply(writes, position, note);
    }
    Bytes Note() const override { return inner_->Note(); }
    bool HasRun() const override { return inner_->HasRun(); }
    log::Position Flushed() const override { return inner_->Flushed(); }
    std::optional<log::Position> OldestDirty() const override { return inner_->OldestDirty(); }
    uint64_t DirtyBytes() const override { return inner_->DirtyBytes(); }
    Result<std::optional<Bytes>> Get(BytesView key, bool cached_only) const override {
      return inner_->Get(key, cached_only);
    }
    Result<void> GetMany(std::span<const Bytes> keys, const TakeRow& take) const override {
      return inner_->GetMany(keys, take);
    }
    Result<std::unique_ptr<engine::RowIterator>> Scan(
        const engine::ScanOptions& options) const override {
      return inner_->Scan(options);
    }
    Result<void> Flush() override { return inner_->Flush(); }
    Result<Pinned> Pin(const std::string& directory) override { return inner_->Pin(directory); }
    using TableStore::IngestParts;
    Result<void> IngestParts(std::span<const engine::NextRow> parts,
                             const BeforeVisible& before_visible) override {
      return inner_->IngestParts(parts, before_visible);
    }
    Result<void> EraseRange(BytesView begin, BytesView end) override {
      return inner_->EraseRange(begin, end);
    }
    Result<void> SetPosition(log::Position position, BytesView note) override {
      return inner_->SetPosition(position, note);
    }
    void Abandon() override { inner_->Abandon(); }
    Result<void> MoveTo(const std::string& directory) override { return inner_->MoveTo(directory); }
    std::string Directory() const override { return inner_->Directory(); }

   private:
    const TableId table_;
    const std::shared_ptr<State> state_;
    const std::unique_ptr<engine::TableStore> inner_;
  };

  Result<std::unique_ptr<engine::TableStore>> Wrap(
      TableId table, Result<std::unique_ptr<engine::TableStore>> inner) {
    if (!inner) return inner;
    return std::make_unique<Store>(table, state_, std::move(*inner));
  }

  std::unique_ptr<engine::MemEngine> inner_ = engine::MakeMemEngine();
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace tidemark::shard
