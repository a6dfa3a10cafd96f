#include "backup/source_check.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "base/test_directory.h"
#include "crypto/clear_keys.h"
#include "engine/rocks/rocks_engine.h"

namespace tidemark::backup {
namespace {

using testing::HasSubstr;
using testing::Not;

// An image with a run, as that of a backup.
class SourceCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    const TableId table = TableId::Make(TheSystemRandom());
    const auto store = *engine_->Create(directory_.path() / "t", table);
    std::vector<std::pair<Bytes, Bytes>> rows;
    for (int n = 0; n < 5000; ++n)
      rows.emplace_back(Bytes("\0\1", 2) + fmt::format("{:05}", n), TheSystemRandom().String(100));
    std::vector<engine::RowWrite> writes;
    for (const auto& [key, value] : rows) writes.push_back({key, BytesView(value)});
    backup_.image.totals.items = rows.size() - 1;
    ASSERT_TRUE(store->Apply(writes, {1, 0, 1}, shard::EncodeTotals(backup_.image.totals)));
    ASSERT_TRUE(store->Flush());
    ASSERT_TRUE(store->Pin(image_));
    ++backup_.image.totals.items;  // as if the run brought one more
    size_t at = 0;
    ASSERT_TRUE(engine_->WriteRun(image_, [&]() -> Result<std::optional<engine::RowWrite>> {
      if (at == writes.size()) return std::nullopt;
      return writes[at++];
    }));
  }
  Result<void> Check() { return CheckSource(*engine_, image_, backup_, stop_); }
  void ExpectDamage(const std::string& name) {
    const auto checked = Check();
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().kind, ErrorKind::kCorruption) << name;
    EXPECT_THAT(checked.error().message, HasSubstr("the backup's files are damaged"));
    EXPECT_THAT(checked.error().message, HasSubstr(name));
    EXPECT_THAT(checked.error().message, Not(HasSubstr(directory_.path().string())));
  }

  TestDirectory directory_;
  const std::string image_ = directory_.path() / "image";
  crypto::ClearKeys keys_;
  std::unique_ptr<engine::Engine> engine_ = *engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  catalog::BackupRecord backup_;
  std::atomic<bool> stop_{false};
};

TEST_F(SourceCheckTest, FindsDamageInAnyFileAndNamesIt) {
  const auto sound = Check();
  ASSERT_TRUE(sound) << sound.error().message;
  const auto names = *ListDirectory(image_);
  EXPECT_EQ(names.size(), 5u);  // CURRENT, KEYS, MANIFEST, an SST and the run
  for (const std::string& name : names) {
    const std::string path = image_ + "/" + name;
    const Bytes content = *ReadFile(path);
    Bytes damaged = content;
    // Of a head only the beginning is used.
    const size_t at = name.ends_with(".sst") ? content.size() / 2 : content.size() - 1;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_TRUE(ReplaceFile(path, damaged));
    ExpectDamage(name);
    ASSERT_TRUE(ReplaceFile(path, content));
  }
  EXPECT_TRUE(Check());
  EXPECT_EQ(ListDirectory(directory_.path())->size(), 2u) << "nothing stays beside the image";
}

TEST_F(SourceCheckTest, MissesAFile) {
  const auto names = *ListDirectory(image_);
  for (const std::string& name : names) {
    const std::string path = image_ + "/" + name;
    ASSERT_TRUE(Rename(path, directory_.path() / "aside"));
    ExpectDamage(name.starts_with("MANIFEST") ? "MANIFEST" : name);
    ASSERT_TRUE(Rename(directory_.path() / "aside", path));
  }
}

TEST_F(SourceCheckTest, MissesTheRunOfATableThatWasNeverFlushed) {
  const TableId table = TableId::Make(TheSystemRandom());
  const auto store = *engine_->Create(directory_.path() / "u", table);
  const std::string image = directory_.path() / "unflushed";
  ASSERT_TRUE(store->Pin(image));
  EXPECT_TRUE(CheckSource(*engine_, image, {}, stop_)) << "of an empty table there is none";
  const auto checked = CheckSource(*engine_, image, backup_, stop_);
  ASSERT_FALSE(checked);
  EXPECT_THAT(
      checked.error().message,
      HasSubstr(
          "run.sst is missing: the other files hold an older state, 0 items instead of 5000"));
}

TEST_F(SourceCheckTest, MissesARunAmongOthers) {
  for (const char* name : {"run-1.sst", "run-2.sst"})
    ASSERT_TRUE(Link(image_ + "/run.sst", image_ + "/" + name));
  ASSERT_TRUE(Check());
  ASSERT_TRUE(RemoveFile(image_ + "/run-1.sst"));
  ExpectDamage("run-1.sst is missing");
  ASSERT_TRUE(Rename(image_ + "/run-2.sst", image_ + "/run-1.sst"));
  ASSERT_TRUE(RemoveFile(image_ + "/run.sst"));
  EXPECT_TRUE(Check()) << "there may have been none of its own";
}

TEST_F(SourceCheckTest, WhatIsColdHasNoRun) {
  const std::string cold = directory_.path() / "cold";
  bool written = false;
  const Bytes key("\0\1x", 3);
  const Bytes value = TheSystemRandom().String(100);
  ASSERT_TRUE(engine_->WriteColdImage(cold, TableId::Make(TheSystemRandom()),
                                      [&]() -> Result<std::optional<engine::RowWrite>> {
                                        if (std::exchange(written, true)) return std::nullopt;
                                        return engine::RowWrite{key, BytesView(value)};
                                      }));
  EXPECT_FALSE(CheckSource(*engine_, cold, backup_, stop_));
  backup_.image.cold_since = FromMicros(1);
  const auto checked = CheckSource(*engine_, cold, backup_, stop_);
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(SourceCheckTest, EndsWhenItIsStopped) {
  stop_ = true;
  EXPECT_EQ(Check().error().kind, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace tidemark::backup
