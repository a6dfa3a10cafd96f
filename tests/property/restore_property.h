// Random writes, the state after each commit remembered outside; then restores at random instants,
// compared item by item. On the real log and the real table engine, with images, restarts and steps
// of the clock in between.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "pitr/diff.h"
#include "restore/item_restore.h"
#include "storage.h"

namespace tidemark {

namespace fs = std::filesystem;

inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");

using State = Rows;

struct Commit {
  Timestamp time;
  Bytes key;
  std::optional<Bytes> value;
};

inline int64_t AmountIn(const std::optional<Bytes>& row) {
  if (!row) return 0;
  const auto item = item::DecodeItem(*row);
  return std::stoll(item->Find("n")->As<item::Number>()->ToString());
}

inline State StateAt(const std::vector<Commit>& sorted, Timestamp time) {
  State state;
  for (const Commit& commit : sorted) {
    if (commit.time > time) break;
    if (commit.value) {
      state[commit.key] = *commit.value;
    } else {
      state.erase(commit.key);
    }
  }
  return state;
}

class RestoreProperty : public testing::Test {
 protected:
  RestoreProperty()
      : seed_(std::random_device{}()),
        directory_((fs::temp_directory_path() / ("tidemark-property-" + std::to_string(::getpid())))
                       .string()),
        keys_(kms::RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom()) {
    if (const char* given = std::getenv("TIDEMARK_TEST_SEED")) seed_ = std::stoull(given);
    std::printf("TIDEMARK_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
    fs::remove_all(directory_);
    Open();
    catalog::TableRecord record;
    record.account = kAccount;
    record.region = kRegion;
    record.name = "Source";
    record.id = id_ = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {
        {"pk", item::Type::kString}, {"n", item::Type::kNumber}, {"kind", item::Type::kString}};
    AddIndexOn("n", item::Type::kNumber, index::Projection::kKeysOnly, &record);
    AddIndexOn("kind", item::Type::kString, index::Projection::kAll, &record);
    record.billing = catalog::BillingMode::kPayPerRequest;
    EXPECT_TRUE((*storage_->regions->Ensure(kRegion))->CreateTable(id_, "{}").has_value());
    EXPECT_TRUE(storage_->catalog->InsertTable(record).has_value());
  }
  ~RestoreProperty() override {
    storage_.reset();
    fs::remove_all(directory_);
  }

  static void AddIndexOn(const std::string& attribute, item::Type type,
                         index::Projection projection, catalog::TableRecord* record) {
    catalog::IndexRecord index;
    index.name = attribute;
    index.definition.number = record->next_index++;
    index.definition.partition = {{attribute, type}};
    index.definition.projection = projection;
    record->indexes.push_back(std::move(index));
    record->CompleteIndexes();
  }

  void Open() {
    storage_.reset();
    auto opened =
        Storage::Open({.directory = directory_, .recovery = recovery_options_}, clock_, keys_);
    if (!opened) throw std::runtime_error(opened.error().message);
    storage_ = std::move(*opened);
  }
  shard::Shard& Shard() { return *storage_->regions->Find(kRegion); }

  // One writer: puts and deletes of keys of its own; remembers what was acknowledged, and when.
  std::vector<Commit> WriteSome(uint64_t seed, int writer, int count) {
    std::mt19937_64 random(seed);
    std::vector<Commit> commits;
    auto table = Shard().Find(id_);
    for (int i = 0; i < count; ++i) {
      const std::string name = std::to_string(writer) + "/" + std::to_string(random() % 40);
      item::Item item;
      item.Set("pk", item::AttributeValue(name));
      item.Set("n",
               item::AttributeValue(item::Number::FromInt(static_cast<int64_t>(random() % 1000))));
      item.Set("text", item::AttributeValue(std::string(random() % 2000, 'x')));
      if (random() % 2) item.Set("kind", item::AttributeValue(random() % 2 ? "even" : "odd"));
      const bool erase = random() % 4 == 0;
      Commit commit;
      commit.key = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
      if (!erase) commit.value = item::EncodeItem(item);
      bool changed = false;
      // Held until the answer, as a request does.
      const auto record = storage_->catalog->FindTable(id_);
      auto evaluate = [&](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
        changed = old.has_value() || !erase;
        if (!changed) return shard::Mutation{};
        return MutationOf(*record, old, erase ? std::nullopt : std::optional(item));
      };
      auto done = runtime::RunBlocking(storage_->threads.context(static_cast<size_t>(writer) % 2),
                                       Shard().Write({table, commit.key, evaluate}, {}));
      EXPECT_TRUE(done.has_value());
      if (done && changed) {
        commit.time = *done;
        commits.push_back(std::move(commit));
      }
    }
    return commits;
  }

  void WriteConcurrently(std::mt19937_64& random, int count) {
    std::vector<std::vector<Commit>> results(4);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&, writer, seed = random()] {
        results[static_cast<size_t>(writer)] = WriteSome(seed, writer, count);
      });
    }
    for (auto& writer : writers) writer.join();
    for (auto& result : results) commits_.insert(commits_.end(), result.begin(), result.end());
    std::sort(commits_.begin(), commits_.end(),
              [](const Commit& a, const Commit& b) { return a.time < b.time; });
  }

  // Items and index rows are those of the state, and so are the totals.
  void Compare(const catalog::TableRecord& record, const State& should) {
    const auto table = Shard().Find(record.id);
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(*ReadAll(*table), should);
    const Rows index_rows = *IndexRowsOf(record, should);
    ASSERT_EQ(*ReadIndexes(*table), index_rows);
    ASSERT_EQ(*table->LoadTotals(), *TotalsOf(should, index_rows));
  }
  void AwaitIndexes() {
    const auto done = [&] {
      const auto record = storage_->catalog->FindTable(id_);
      return std::ranges::all_of(record->indexes, [](const catalog::IndexRecord& index) {
        return index.status == catalog::IndexStatus::kActive;
      });
    };
    while (!done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  // Every row as of `time`, read as point reads and as scans of random ranges both ways.
  void CompareWithoutRestoring(std::mt19937_64& random, Timestamp time) {
    const State should = StateAt(commits_, time);
    const auto record = storage_->catalog->FindTable(id_);
    auto rows = storage_->past->At(*record, time);
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    for (int writer = 0; writer < 4; ++writer) {
      const item::AttributeValue name(std::to_string(writer) + "/" + std::to_string(random() % 40));
      const Bytes key = item::RowKey(item::kPrimaryIndex, name, nullptr);
      const auto found = (*rows)->Get(key);
      ASSERT_TRUE(found.has_value()) << found.error().message;
      const auto expected = should.find(key);
      ASSERT_EQ(*found, expected == should.end() ? std::nullopt : std::optional(expected->second))
          << "at " << ToMicros(time);
    }
    const auto all = item::SegmentRange(item::kPrimaryIndex, 0, 1);
    const auto part = item::SegmentRange(item::kPrimaryIndex, random() % 4, 4);
    for (const auto& range : {all, part}) {
      for (const bool reverse : {false, true}) {
        auto scan = (*rows)->Scan({.begin = range.begin, .end = range.end, .reverse = reverse});
        ASSERT_TRUE(scan.has_value()) << scan.error().message;
        std::vector<std::pair<Bytes, Bytes>> found;
        for (; (*scan)->Valid(); (*scan)->Next())
          found.emplace_back(Bytes((*scan)->key()), Bytes((*scan)->value()));
        ASSERT_TRUE((*scan)->status().has_value()) << (*scan)->status().error().message;
        if (reverse) std::reverse(found.begin(), found.end());
        const auto begin = should.lower_bound(range.begin);
        const auto end = range.end.empty() ? should.end() : should.lower_bound(range.end);
        ASSERT_EQ(found, (std::vector<std::pair<Bytes, Bytes>>(begin, end)))
            << "at " << ToMicros(time) << (reverse ? " backwards" : "");
      }
    }
    for (const auto& index : record->indexes) {
      if (index.status != catalog::IndexStatus::kActive || index.ready_at > time) continue;
      auto alone = *record;
      alone.indexes = {index};
      const uint16_t number = index.definition.number;
      ASSERT_EQ(*ReadAll(**rows, number, number), *IndexRowsOf(alone, should))
          << index.name << " at " << ToMicros(time);
    }
  }

  void CompareDiff(const catalog::TableRecord& record, Timestamp from, Timestamp until,
                   size_t page_changes) {
    std::map<Bytes, std::pair<std::optional<Bytes>, std::optional<Bytes>>> should, found;
    for (const auto& [key, value] : StateAt(commits_, from)) should[key].first = value;
    for (const auto& [key, value] : StateAt(commits_, until)) should[key].second = value;
    std::erase_if(should, [](const auto& row) { return row.second.first == row.second.second; });
    const auto all = item::SegmentRange(item::kPrimaryIndex, 0, 1);
    pitr::DiffRequest request{.from = from,
                              .until = until,
                              .begin = all.begin,
                              .end = all.end,
                              .changes_max = page_changes,
                              .bytes_max = 100'000,
                              .examined_max = 60};
    while (true) {
      const auto page = pitr::Diff(*storage_->past, record, request);
      ASSERT_TRUE(page.has_value()) << page.error().message;
      ASSERT_LE(page->changes.size(), page_changes);
      for (const auto& change : page->changes) {
        ASSERT_FALSE(found.contains(change.key));
        found[change.key] = {change.before, change.after};
      }
      if (page->next.empty()) break;
      request.begin = page->next;
    }
    ASSERT_EQ(found, should) << ToMicros(from) << ".." << ToMicros(until);
  }

  void CompareCounts(const catalog::TableRecord& record, Timestamp from, Timestamp until) {
    // Counts are of whole seconds.
    from = std::chrono::ceil<std::chrono::seconds>(from);
    until = std::chrono::floor<std::chrono::seconds>(until) - Micros(1);
    if (until < from) return;
    const auto between = storage_->past->Between(record, from, until);
    ASSERT_TRUE(between.has_value()) << between.error().message;
    std::map<int64_t, std::pair<uint64_t, uint64_t>> should, found;
    State state = StateAt(commits_, from - Micros(1));
    uint64_t should_take = 0;
    for (const Commit& commit : commits_) {
      if (commit.time < from || commit.time > until) continue;
      const auto second =
          std::chrono::floor<std::chrono::seconds>(commit.time).time_since_epoch().count();
      ++(commit.value ? should[second].first : should[second].second);
      if (state.contains(commit.key)) ++should_take;  // overwritten or deleted
      if (commit.value) {
        state[commit.key] = *commit.value;
      } else {
        state.erase(commit.key);
      }
    }
    const auto activity = between->Activity();
    ASSERT_TRUE(activity.has_value()) << activity.error().message;
    for (const auto& entry : *activity) found[entry.second] = {entry.puts, entry.deletes};
    ASSERT_EQ(found, should);
    uint64_t taken = 0;
    for (const auto& entry : *activity) taken += entry.overwrites + entry.deletes;
    ASSERT_EQ(taken, should_take);
  }

  void CompareVersions(const catalog::TableRecord& record, const Bytes& key, Timestamp from,
                       Timestamp until) {
    const auto between = storage_->past->Between(record, from, until);
    ASSERT_TRUE(between.has_value()) << between.error().message;
    const auto versions = between->VersionsOf(key);
    for (auto commit = commits_.rbegin(); commit != commits_.rend(); ++commit) {
      if (commit->key != key || commit->time <= from || commit->time > until) continue;
      const auto version = versions->Next();
      ASSERT_TRUE(version.has_value()) << version.error().message;
      ASSERT_NE(*version, nullptr);
      ASSERT_EQ((*version)->time, commit->time);
      ASSERT_EQ((*version)->value.has_value(), commit->value.has_value());
      if (commit->value) {
        ASSERT_EQ(*(*version)->value, *commit->value);
      }
    }
    const auto older = versions->Next();
    ASSERT_TRUE(older.has_value()) << older.error().message;
    ASSERT_TRUE(!*older || (*older)->time <= from);
  }

  uint64_t seed_;
  std::string directory_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  // Small units, so that restores read several images, several runs and the log's end.
  const pitr::RecoveryOptions recovery_options_{.unit_bytes = 1 << 20,
                                                .batch_memory_bytes = 128 << 10,
                                                .sort_by_itself = false,
                                                .image_bytes_min = 256 << 10,
                                                .image_age_min = {}};
  std::unique_ptr<Storage> storage_;
  TableId id_;
  std::vector<Commit> commits_;
};

}  // namespace tidemark
