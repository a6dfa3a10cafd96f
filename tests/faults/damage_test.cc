// Damage met by a whole storage: the table it concerns is fenced off with a text that names the
// next step, every other table serves on, and what is put right is served again.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "faults/storage_on_disk.h"
#include "log/local/begin_segment.h"
#include "log/local/repair.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

class Damage : public StorageOnDisk {
 protected:
  Damage() : StorageOnDisk("damage") {
    Open();
    good_ = CreateTable("Good");
    sick_ = CreateTable("Sick");
  }

  // Flushes every table but the sick one, which keeps the log's end for itself.
  void CloseWithSickUnflushed() {
    disk_->SetRules({{.ops = {FileOp::kCreate, FileOp::kWrite},
                      .pattern = "*" + sick_.ToString() + "/*.sst",
                      .error = EIO}});
    storage_.reset();
    disk_->SetRules({});
  }

  std::string Segment(uint32_t number) {
    return log::SegmentPath(ShardDirectory() + "/log", number).string();
  }

  void ExpectGoodServes(size_t rows) {
    const auto found = Read(good_);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->size(), rows);
    const auto put = Put(good_, 0);
    EXPECT_TRUE(put.has_value()) << put.error().message;
  }
  // Neither read nor written, with a text that holds each of `words`.
  void ExpectSickIsFenced(const std::vector<std::string>& words) {
    const auto read = Read(sick_);
    const auto put = Put(sick_, 0);
    ASSERT_FALSE(read.has_value());
    ASSERT_FALSE(put.has_value());
    for (const std::string& word : words) {
      EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
      EXPECT_NE(put.error().message.find(word), std::string::npos) << put.error().message;
    }
  }

  TableId good_, sick_;
};

TEST_F(Damage, InTheMiddleOfTheLogFencesTheTablesItConcerns) {
  PutRows(sick_, 4);
  const log::Position damaged = Shard().log().end();
  ASSERT_TRUE(Put(sick_, 4).has_value());
  ASSERT_TRUE(Put(sick_, 5).has_value());
  PutRows(good_, 10);
  CloseWithSickUnflushed();
  {
    std::fstream file(Segment(damaged.segment), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(damaged.offset + 70);
    file << "damage";
    ASSERT_TRUE(file.good());
  }
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({Segment(damaged.segment), "tidemark repair", "undamaged copy"});

  // An operator gives up what stood there: the one row is lost, and nothing else.
  storage_.reset();
  const auto accepted = log::AcceptDamage(ShardDirectory() + "/log", keys_);
  ASSERT_TRUE(accepted.has_value()) << accepted.error().message;
  EXPECT_EQ(*accepted, 1u);
  Open();
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 5u);
  EXPECT_FALSE(rows->contains(Key(4)));
  EXPECT_TRUE(Put(sick_, 4).has_value());
  ExpectGoodServes(10);
}

TEST_F(Damage, AMissingSegmentFencesTheTablesItConcernsUntilItIsBack) {
  PutRows(sick_, 10);
  const uint32_t missing = Shard().log().end().segment;
  PutRows(sick_, 40, 60'000);
  PutRows(good_, 10);
  ASSERT_GT(Shard().log().end().segment, missing);
  CloseWithSickUnflushed();
  fs::rename(Segment(missing), base_ + "/away");
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({Segment(missing), "tidemark repair", "undamaged copy"});

  storage_.reset();
  fs::rename(base_ + "/away", Segment(missing));
  Open();
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 40u);
  ExpectGoodServes(10);
}

TEST_F(Damage, AnOldSegmentCopiedBackIsFound) {
  PutRows(sick_, 5);
  const uint32_t old = Shard().log().end().segment;
  fs::copy_file(Segment(old), base_ + "/old");
  ASSERT_TRUE(Put(sick_, 5).has_value());
  PutRows(good_, 10);
  CloseWithSickUnflushed();
  fs::rename(Segment(old), base_ + "/away");
  fs::rename(base_ + "/old", Segment(old));
  Open();
  // The good table was flushed later than the copy is: it cannot be told whether it lacks nothing,
  // so it is not served either, and a table made now is.
  const auto read = Read(good_);
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("put the log's newest segment back"), std::string::npos)
      << read.error().message;
  const TableId fresh = CreateTable("Fresh");
  EXPECT_TRUE(Put(fresh, 1).has_value());
}

TEST_F(Damage, AnOldCopyOfASegmentInTheMiddleFencesTheTablesItConcerns) {
  PutRows(sick_, 5);
  const uint32_t old = Shard().log().end().segment;
  fs::copy_file(Segment(old), base_ + "/old");
  PutRows(sick_, 40, 60'000);
  PutRows(good_, 10);
  ASSERT_GT(Shard().log().end().segment, old);
  CloseWithSickUnflushed();
  fs::rename(Segment(old), base_ + "/away");
  fs::rename(base_ + "/old", Segment(old));
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({Segment(old), "tidemark repair", "undamaged copy"});

  storage_.reset();
  fs::rename(base_ + "/away", Segment(old));
  Open();
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 40u);
}

TEST_F(Damage, ATableWhoseDirectoryIsAwayOrGarbledIsFencedAndComesBack) {
  PutRows(sick_, 10);
  PutRows(good_, 10);
  storage_.reset();
  const std::string place = ShardDirectory() + "/tables/" + sick_.ToString();
  fs::rename(place, base_ + "/away");
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({place, "restore it from a backup"});

  storage_.reset();
  fs::rename(base_ + "/away", place);
  fs::copy_file(place + "/CURRENT", base_ + "/CURRENT");
  std::ofstream(place + "/CURRENT", std::ios::binary) << "garbage";
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({place, "restore it from a backup"});

  storage_.reset();
  fs::copy_file(base_ + "/CURRENT", place + "/CURRENT", fs::copy_options::overwrite_existing);
  Open();
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 10u);
}

TEST_F(Damage, ATableWhoseDirectoryCannotBeReadIsFencedUntilItCan) {
  PutRows(sick_, 10);
  PutRows(good_, 10);
  storage_.reset();
  const std::string place = ShardDirectory() + "/tables/" + sick_.ToString();
  disk_->SetRules({{.ops = {FileOp::kOpen, FileOp::kRead}, .pattern = place + "*", .error = EIO}});
  Open();
  ExpectGoodServes(10);
  ExpectSickIsFenced({place, "check the disk", "may read and write the directory"});

  // The disk is well again, and the server is not restarted.
  disk_->SetRules({});
  Shard().TryAgain(sick_);
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->size(), 10u);
  EXPECT_TRUE(Put(sick_, 0).has_value());
  ExpectGoodServes(10);
}

TEST_F(Damage, ATableThatCannotBeFlushedIsFencedAndLosesNothing) {
  PutRows(good_, 10);
  write_buffer_bytes_ = 64 << 10;
  Open();
  disk_->SetRules({{.ops = {FileOp::kCreate, FileOp::kWrite},
                    .pattern = "*" + sick_.ToString() + "/*.sst",
                    .error = EIO}});
  // Until it refuses: acknowledged before that is what must come back.
  int acknowledged = 0;
  std::string refusal;
  while (acknowledged < 20'000 && refusal.empty()) {
    const auto put = Put(sick_, acknowledged, 1000);
    if (put) {
      ++acknowledged;
    } else {
      refusal = put.error().message;
    }
  }
  EXPECT_NE(refusal.find(sick_.ToString()), std::string::npos) << refusal;
  // Then it says what to do, and can still be read.
  const auto refused = Put(sick_, acknowledged + 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("repair what the cause names"), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(Read(sick_).has_value());
  ExpectGoodServes(10);
  PutRows(good_, 200, 1000);
  EXPECT_GE(Shard().Stats().fenced_tables, 1u);

  storage_.reset();
  disk_->SetRules({});
  Open();
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_GE(rows->size(), static_cast<size_t>(acknowledged));
  EXPECT_LE(rows->size(), static_cast<size_t>(acknowledged) + 1);  // what was answered 500
  EXPECT_TRUE(Put(sick_, acknowledged + 2).has_value());
  ExpectGoodServes(200);
}

TEST_F(Damage, AnIndexMadeWhileItsTableIsFencedHasTheItemsThatAreOwed) {
  PutRows(sick_, 3);
  disk_->SetRules({{.ops = {FileOp::kWrite, FileOp::kSync},
                    .pattern = "*" + sick_.ToString() + "/MANIFEST-*",
                    .error = EIO}});
  const auto nothing = item::IndexRange(1000, 1000);
  ASSERT_FALSE(Shard().EraseRows(sick_, nothing.begin, nothing.end));  // which flushes first
  item::Item item;
  item.Set("pk", item::AttributeValue("owed"));
  item.Set("mark", item::AttributeValue("x"));
  const auto evaluate = [&](const std::optional<Bytes>&) -> Result<shard::Mutation> {
    shard::Mutation mutation;
    mutation.kind = shard::Mutation::Kind::kPut;
    mutation.value = item::EncodeItem(item);
    mutation.new_size = *item::EncodedItemSize(mutation.value);
    return mutation;
  };
  const Bytes key = item::RowKey(item::kPrimaryIndex, item::AttributeValue("owed"), nullptr);
  // It is in the log, and its table does not take it.
  ASSERT_FALSE(runtime::RunBlocking(storage_->threads.context(0),
                                    Shard().Write({Shard().Find(sick_), key, evaluate}, {})));
  ASSERT_TRUE(ChangeIndex(*storage_, sick_, "marks", {{"mark", item::Type::kString}}));
  const auto await = [&](const std::function<bool(const catalog::IndexRecord&)>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!reached(*storage_->catalog->FindTable(sick_)->FindIndex("marks"))) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  await([](const auto& index) { return !index.definition.deletes_only; });
  disk_->SetRules({});  // the table is tried again, seconds after the index
  await([](const auto& index) { return index.status == catalog::IndexStatus::kActive; });
  const auto record = storage_->catalog->FindTable(sick_);
  const auto rows = Read(sick_);
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_TRUE(rows->contains(key));
  EXPECT_EQ(ReadIndexes(*Shard().Find(sick_)).value(), IndexRowsOf(*record, *rows).value());
}

}  // namespace
}  // namespace tidemark::faults
