#include "backup/image_changes.h"

#include <gmock/gmock.h>

#include <map>

#include "base/files.h"
#include "base/test_directory.h"
#include "crypto/clear_keys.h"
#include "engine/rocks/rocks_engine.h"
#include "engine/row_stream.h"
#include "engine/run_names.h"

namespace tidemark::backup {
namespace {

using Rows = std::map<Bytes, Bytes>;

Bytes KeyOf(int number) { return Bytes("\0\1", 2) + fmt::format("{:05}", number); }

// A table, and images of it.
class ImageChangesTest : public testing::Test {
 protected:
  void Write(const std::map<Bytes, std::optional<Bytes>>& rows) {
    std::vector<engine::RowWrite> writes;
    for (const auto& [key, value] : rows)
      writes.push_back({key, value ? std::optional<BytesView>(*value) : std::nullopt});
    ASSERT_TRUE(store_->Apply(writes, {1, 0, ++frame_}, "note"));
    ASSERT_TRUE(store_->Flush());
  }
  std::string Pin(const std::string& name) {
    EXPECT_TRUE(store_->Pin(directory_.path() / name));
    return directory_.path() / name;
  }
  Rows Read(const std::string& image) {
    Rows rows;
    const auto reader =
        *engine_->OpenImage(image, directory_.path() / "view", TableId::Make(TheSystemRandom()));
    auto stream = *engine::RowStream::Open(*reader);
    while (const auto row = *stream.Next()) rows.emplace(row->key, *row->value);
    return rows;
  }

  TestDirectory directory_;
  crypto::ClearKeys keys_;
  std::unique_ptr<engine::Engine> engine_ = *engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  std::unique_ptr<engine::TableStore> store_ =
      *engine_->Create(directory_.path() / "t", TableId::Make(TheSystemRandom()));
  uint32_t frame_ = 0;
  const std::atomic<bool> stop_{false};
};

TEST_F(ImageChangesTest, MakeTheNewerOfTheOlderAlsoRunAfterRun) {
  std::map<Bytes, std::optional<Bytes>> rows;
  for (int n = 0; n < 2000; ++n) rows[KeyOf(n)] = Bytes(100, static_cast<char>('a' + n % 26));
  Write(rows);
  std::string older = Pin("image-0");
  const std::string copy = Pin("copy");
  const auto change = [&](int round) {
    Write({{KeyOf(7), fmt::format("changed {}", round)},
           {KeyOf(100 + round), std::nullopt},
           {KeyOf(5000 + round), "new"},
           {KeyOf(8), rows[KeyOf(8)]}});  // what it was
  };
  for (int round = 1; round <= 3; ++round) {
    change(round);
    const std::string newer = Pin(fmt::format("image-{}", round));
    const std::string leaving = directory_.path() / "leaving";
    const auto bytes = WriteChanges(*engine_, {older, newer}, leaving, stop_);
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_GT(*bytes, 0u);
    EXPECT_LT(*bytes, 20'000u);
    EXPECT_EQ(*ListDirectory(leaving), std::vector<std::string>{"changes"});
    const std::string run = copy + "/" + engine::RunName(static_cast<size_t>(round - 1));
    ASSERT_TRUE(Link(leaving + "/changes/run.sst", run));
    EXPECT_EQ(Read(copy), Read(newer)) << round;
    older = newer;
  }
  EXPECT_EQ(Read(copy).size(), 2000u);
}

TEST_F(ImageChangesTest, AreNoFileWhereNothingChanged) {
  Write({{KeyOf(1), "a"}});
  const std::string older = Pin("older");
  Write({{KeyOf(1), "b"}});
  Write({{KeyOf(1), "a"}});
  const std::string leaving = directory_.path() / "leaving";
  EXPECT_EQ(*WriteChanges(*engine_, {older, Pin("newer")}, leaving, stop_), 0u);
  EXPECT_EQ(*ListDirectory(leaving + "/changes"), std::vector<std::string>{"KEYS"});
}

TEST_F(ImageChangesTest, AreNotWrittenToTheirEndWhereTheyAreTooMany) {
  Write({{KeyOf(0), "a"}});
  const std::string older = Pin("older");
  std::map<Bytes, std::optional<Bytes>> rows;
  for (int n = 0; n < 20'000; ++n) rows[KeyOf(n)] = TheSystemRandom().String(200);
  Write(rows);
  const std::string newer = Pin("newer"), leaving = directory_.path() / "leaving";
  const auto bytes = WriteChanges(*engine_, {older, newer}, leaving, stop_, {.bytes_max = 500'000});
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_GT(*bytes, 500'000u);
  EXPECT_LT(*bytes, 3'000'000u) << "of 4,000,000";
  EXPECT_EQ(*ListDirectory(leaving + "/changes"), std::vector<std::string>{"KEYS"});
}

TEST_F(ImageChangesTest, HaveEndedSoonAfterTheyAreTooManyAlsoWhereRowsAreLarge) {
  Write({{KeyOf(0), "a"}});
  const std::string older = Pin("older");
  std::map<Bytes, std::optional<Bytes>> rows;
  for (int n = 0; n < 100; ++n) rows[KeyOf(n)] = TheSystemRandom().String(400'000);
  Write(rows);
  const auto bytes = WriteChanges(*engine_, {older, Pin("newer")}, directory_.path() / "leaving",
                                  stop_, {.bytes_max = 1'000'000});
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_GT(*bytes, 1'000'000u);
  EXPECT_LT(*bytes, 6'000'000u) << "of 40,000,000";
}

TEST_F(ImageChangesTest, EndWhenTheyAreStopped) {
  Write({{KeyOf(1), "a"}});
  const std::string image = Pin("image");
  const std::atomic<bool> stop{true};
  const auto changes = WriteChanges(*engine_, {image, image}, directory_.path() / "leaving", stop);
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, ErrorKind::kCancelled);
}

// As they go from one server to another, which wraps them by keys of its own.
TEST_F(ImageChangesTest, KeysOfAnImageOpenItElsewhere) {
  Write({{KeyOf(1), "a"}});
  const std::string image = Pin("image");
  const auto keys = engine_->KeysOf(image);
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_TRUE(RemoveFile(image + "/KEYS"));
  EXPECT_FALSE(engine_->KeysOf(image));
  ASSERT_TRUE(engine_->PutKeys(image, TableId::Make(TheSystemRandom()), *keys));
  EXPECT_EQ(Read(image), (Rows{{KeyOf(1), "a"}}));
}

TEST(RunNames, AreInOrderOfNumbers) {
  EXPECT_THAT(engine::RunsAmong({"run-10.sst", "run-2.sst", "KEYS", "run.sst", "run-making-1.sst",
                                 "run-0.sst", "run-02.sst", "000012.sst", "run-1.sst.part"}),
              testing::ElementsAre(0, 2, 10));
  EXPECT_EQ(engine::RunName(0), "run.sst");
  EXPECT_EQ(engine::RunName(10), "run-10.sst");
}

}  // namespace
}  // namespace tidemark::backup
