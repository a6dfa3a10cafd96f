#include "streams/streams.h"

#include "streams/streams_fixture.h"

namespace tidemark::streams {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class StreamsTest : public StreamsFixture {};

TEST_F(StreamsTest, ShowsWhatTheViewSays) {
  const std::pair<View, Texts> views[] = {
      {View::kKeysOnly, {"INSERT a: - > -", "MODIFY a: - > -", "REMOVE a: - > -"}},
      {View::kNewImage, {"INSERT a: - > 1", "MODIFY a: - > 2", "REMOVE a: - > -"}},
      {View::kOldImage, {"INSERT a: - > -", "MODIFY a: 1 > -", "REMOVE a: 2 > -"}},
      {View::kNewAndOldImages, {"INSERT a: - > 1", "MODIFY a: 1 > 2", "REMOVE a: 2 > -"}}};
  for (const auto& [view, expected] : views) {
    const TableId table = AddTable(std::string(catalog::ToString(view)), view);
    Write(table, "a", "1");
    Write(table, "a", "1");  // changes nothing
    Write(table, "a", "2");
    Write(table, "a", std::nullopt);
    Write(table, "a", std::nullopt);
    EXPECT_EQ(All(ArnOf(table)), expected) << catalog::ToString(view);
  }
}

TEST_F(StreamsTest, TellsTheSizeOfWhatIsShown) {
  const TableId table = AddTable("Things", View::kNewAndOldImages);
  Write(table, "ab", "123");
  Write(table, "ab", "4");
  const auto page = Read(Iterator(ArnOf(table), IteratorType::kTrimHorizon));
  ASSERT_TRUE(page && page->records.size() == 2);
  EXPECT_EQ(page->records[0].size, 4u + 8u);
  EXPECT_EQ(page->records[1].size, 4u + 8u + 6u);
}

TEST_F(StreamsTest, SeesWhatIsAcknowledgedWhileOthersWrite) {
  const TableId table = AddTable("Things", View::kNewImage),
                other = AddTable("Other", View::kNewImage);
  std::string iterator = Iterator(ArnOf(table), IteratorType::kLatest);
  for (int i = 0; i < 50; ++i) {
    Write(other, "x", std::to_string(i));
    Write(table, "k" + std::to_string(i), "1");
    EXPECT_EQ(Drain(&iterator), Texts{"INSERT k" + std::to_string(i) + ": - > 1"});
  }
  EXPECT_EQ(All(ArnOf(table)).size(), 50u);
}

TEST_F(StreamsTest, LatestIsBehindWhatIsThere) {
  const TableId table = AddTable("Things", View::kNewImage);
  Write(table, "a", "1");
  std::string iterator = Iterator(ArnOf(table), IteratorType::kLatest);
  EXPECT_EQ(Drain(&iterator), Texts{});
  Write(table, "b", "2");
  EXPECT_EQ(Drain(&iterator), Texts{"INSERT b: - > 2"});
}

TEST_F(StreamsTest, BeginsAtOrAfterASequenceNumber) {
  const TableId table = AddTable("Things", View::kNewImage);
  for (const char* key : {"a", "b", "c"}) Write(table, key, "1");
  const auto page = Read(Iterator(ArnOf(table), IteratorType::kTrimHorizon));
  ASSERT_TRUE(page && page->records.size() == 3);
  const std::string second = page->records[1].change->sequence.ToText();
  std::string at = Iterator(ArnOf(table), IteratorType::kAtSequenceNumber, second);
  std::string after = Iterator(ArnOf(table), IteratorType::kAfterSequenceNumber, second);
  EXPECT_EQ(Drain(&at), (Texts{"INSERT b: - > 1", "INSERT c: - > 1"}));
  EXPECT_EQ(Drain(&after), Texts{"INSERT c: - > 1"});
  std::string start = Iterator(ArnOf(table), IteratorType::kAtSequenceNumber,
                               Describe(ArnOf(table)).shards[0].first().ToText());
  EXPECT_EQ(Drain(&start).size(), 3u);
}

TEST_F(StreamsTest, PagesGiveEachRecordOnce) {
  const TableId table = AddTable("Things", View::kNewImage);
  Texts expected;
  for (int i = 0; i < 37; ++i) {
    Write(table, "k" + std::to_string(i), "1");
    expected.push_back("INSERT k" + std::to_string(i) + ": - > 1");
  }
  for (const size_t limit : {1, 2, 7, 36, 37}) {
    std::string iterator = Iterator(ArnOf(table), IteratorType::kTrimHorizon);
    EXPECT_EQ(Read(iterator, limit)->records.size(), limit);
    EXPECT_EQ(Drain(&iterator, limit), expected) << limit;
  }
}

TEST_F(StreamsTest, APageHoldsAMegabyteOrOneLargerRecord) {
  const TableId table = AddTable("Things", View::kNewAndOldImages);
  for (int i = 0; i < 3; ++i)  // together more than the page, each less
    Write(table, "k" + std::to_string(i), std::string(30'000, 'x'));
  FrameCache cache(1 << 20);
  ReadRequest request{.table = catalog_->FindTable(table), .end = Timestamp::max(), .after = {}};
  const auto small = ReadRecords(*shard_, cache, request, {.record_bytes = 70'000});
  ASSERT_TRUE(small);
  EXPECT_EQ(small->records.size(), 2u);
  request.after = small->after;
  request.at = small->at;
  const auto one = ReadRecords(*shard_, cache, request, {.record_bytes = 10});
  ASSERT_TRUE(one);
  ASSERT_EQ(one->records.size(), 1u);
  EXPECT_EQ(TextOf(one->records[0].keys, "pk"), "k2");
}

TEST_F(StreamsTest, ACallReadsABoundedPartOfTheLogAndGoesOnFromThere) {
  const TableId table = AddTable("Things", View::kNewImage), busy = AddTable("Busy", std::nullopt);
  for (int i = 0; i < 40; ++i)
    Write(busy, "k", std::string(20'000, static_cast<char>('a' + i % 26)));
  Write(table, "rare", "1");
  FrameCache cache(1 << 20);
  ReadRequest request{.table = catalog_->FindTable(table), .end = Timestamp::max(), .after = {}};
  int calls = 0;
  Texts found;
  while (found.empty() && calls < 100) {
    const auto result = ReadRecords(*shard_, cache, request, {.log_bytes = 100'000});
    ASSERT_TRUE(result);
    ++calls;
    EXPECT_GT(result->at, request.at);
    EXPECT_GT(result->after, request.after);
    request.at = result->at;
    request.after = result->after;
    for (const Record& record : result->records) found.push_back(TextOf(record));
  }
  EXPECT_EQ(found, Texts{"INSERT rare: - > 1"});
  EXPECT_GT(calls, 5);
  EXPECT_LT(calls, 20);
}

TEST_F(StreamsTest, RollsToANewShardAndTheOldOneEnds) {
  const TableId table = AddTable("Things", View::kNewImage);
  const std::string arn = ArnOf(table);
  Write(table, "a", "1");
  std::string first = Iterator(arn, IteratorType::kTrimHorizon);
  EXPECT_EQ(Drain(&first), Texts{"INSERT a: - > 1"});
  clock_.Advance(hours(4) + std::chrono::seconds(1));
  // Nothing was written since; yet no later write belongs to it.
  first = Iterator(arn, IteratorType::kTrimHorizon);
  EXPECT_EQ(Drain(&first), (Texts{"INSERT a: - > 1", "."}));
  Write(table, "b", "2");
  const auto description = Describe(arn);
  ASSERT_EQ(description.shards.size(), 2u);
  EXPECT_EQ(All(arn, 0), (Texts{"INSERT a: - > 1", "."}));
  EXPECT_EQ(All(arn, 1), Texts{"INSERT b: - > 2"});

  const auto after_one = streams_->Describe(
      reader_, {.arn = arn, .start_after = description.shards[0].id, .children_of = {}});
  ASSERT_TRUE(after_one && after_one->shards.size() == 1);
  EXPECT_EQ(after_one->shards[0].id, description.shards[1].id);
  const auto children = streams_->Describe(
      reader_, {.arn = arn, .start_after = {}, .children_of = description.shards[0].id});
  ASSERT_TRUE(children && children->shards.size() == 1);
  EXPECT_EQ(children->shards[0].id, description.shards[1].id);
  const auto page = streams_->Describe(reader_, {.arn = arn, .limit = 1});
  ASSERT_TRUE(page && page->shards.size() == 1);
  EXPECT_TRUE(page->more);
}

TEST_F(StreamsTest, HasOnlyWhatWasWrittenWhileItWasOn) {
  const TableId table = AddTable("Things", std::nullopt);
  Write(table, "a", "before");
  Enable(table, View::kNewAndOldImages, "L1");
  Write(table, "a", "on");
  Disable(table);
  Write(table, "a", "off");
  const std::string arn = ArnOf(table);
  EXPECT_EQ(All(arn), (Texts{"MODIFY a: before > on", "."}));

  ASSERT_TRUE(catalog_->KeepFormerStream(*catalog_->FindTable(table)));
  Enable(table, View::kKeysOnly, "L2");
  Write(table, "a", "again");
  EXPECT_EQ(All(ArnOf(table)), Texts{"MODIFY a: - > -"});
  EXPECT_EQ(All(arn), (Texts{"MODIFY a: before > on", "."}));
}

TEST_F(StreamsTest, OfADeletedTableIsReadableForADay) {
  const TableId table = AddTable("Things", View::kNewImage);
  const std::string arn = ArnOf(table);
  Write(table, "a", "1");
  Disable(table);
  ASSERT_TRUE(catalog_->KeepFormerStream(*catalog_->FindTable(table)));
  ASSERT_TRUE(shard_->DropTable(table, "{}"));
  ASSERT_TRUE(catalog_->EraseTable(table));
  const TableId next = AddTable("Things", View::kKeysOnly, "L2");  // of the same name

  EXPECT_EQ(All(arn), (Texts{"INSERT a: - > 1", "."}));
  clock_.Advance(hours(23));
  EXPECT_EQ(streams_->List(reader_, {})->streams.size(), 2u);
  clock_.Advance(hours(2));
  EXPECT_EQ(streams_->Describe(reader_, {.arn = arn}).error().kind, ErrorKind::kResourceNotFound);
  EXPECT_EQ(streams_->List(reader_, {})->streams.size(), 1u);
  Write(next, "b", "1");  // until now the newest commit is a day old
  streams_->Maintain();
  EXPECT_TRUE(catalog_->FormerStreams().empty());
}

TEST_F(StreamsTest, ListsInPagesAndByTable) {
  for (const char* name : {"Cows", "Apples", "Bees"}) AddTable(name, View::kKeysOnly);
  AddTable("Without", std::nullopt);
  auto page = streams_->List(reader_, {.limit = 2});
  ASSERT_TRUE(page && page->streams.size() == 2);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->streams[0]->name, "Apples");
  page = streams_->List(reader_, {.start_after = page->streams[1]->StreamArn()});
  ASSERT_TRUE(page && page->streams.size() == 1);
  EXPECT_EQ(page->streams[0]->name, "Cows");
  EXPECT_EQ(streams_->List(reader_, {.table = "Bees"})->streams.size(), 1u);
  EXPECT_TRUE(streams_->List(reader_, {.table = "Without"})->streams.empty());
  EXPECT_EQ(streams_->List(reader_, {.start_after = "rubbish"}).error().kind,
            ErrorKind::kValidation);
}

TEST_F(StreamsTest, RefusesWhatIsExpiredTrimmedOrNotThere) {
  const TableId table = AddTable("Things", View::kNewImage);
  const std::string arn = ArnOf(table);
  Write(table, "a", "1");
  std::string iterator = Iterator(arn, IteratorType::kTrimHorizon);
  clock_.Advance(minutes(14));
  EXPECT_EQ(Read(iterator)->records.size(), 1u);
  clock_.Advance(minutes(2));
  EXPECT_EQ(Read(iterator).error().kind, ErrorKind::kExpiredIterator);

  const auto shard = Describe(arn).shards[0];
  const auto make = [&](IteratorType type, std::optional<std::string> number,
                        const std::string& id) {
    const auto made = streams_->MakeIterator(
        reader_, {.arn = arn, .shard = id, .type = type, .sequence_number = std::move(number)});
    return made ? ErrorKind::kInternal : made.error().kind;
  };
  const auto at = IteratorType::kAtSequenceNumber;
  EXPECT_EQ(make(at, std::nullopt, shard.id), ErrorKind::kValidation);
  EXPECT_EQ(make(at, "123456789012345678901", shard.id), ErrorKind::kValidation);
  EXPECT_EQ(make(IteratorType::kLatest, shard.first().ToText(), shard.id), ErrorKind::kValidation);
  EXPECT_EQ(make(at, shard.first().ToText(), "shardId-of-nothing-at-all-12345"),
            ErrorKind::kResourceNotFound);
  clock_.Advance(hours(24));
  EXPECT_EQ(make(at, shard.first().ToText(), shard.id), ErrorKind::kTrimmed);
  clock_.Advance(hours(4));
  EXPECT_EQ(make(at, shard.first().ToText(), shard.id), ErrorKind::kResourceNotFound);

  const Reader stranger{AccountId("999999999999"), Region("us-east-1")};
  EXPECT_EQ(streams_->Describe(stranger, {.arn = arn}).error().kind, ErrorKind::kResourceNotFound);
}

TEST_F(StreamsTest, KeepsADayOfTheLogForThoseThatHaveAStream) {
  const TableId plain = AddTable("Plain", std::nullopt);
  EXPECT_EQ(streams_->Floor(reader_.region), std::nullopt);
  const TableId table = AddTable("Things", View::kNewImage);
  Write(table, "a", "1");
  const auto early = streams_->Floor(reader_.region);
  ASSERT_TRUE(early);
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(hours(1));
    Write(plain, "k", std::string(30'000, static_cast<char>('a' + i)));
  }
  EXPECT_EQ(streams_->Floor(reader_.region), early);
  clock_.Advance(hours(20));
  // A start may doubt the clock, and go on from the newest commit.
  EXPECT_EQ(streams_->Floor(reader_.region), early);
  Write(plain, "k", "x");
  const auto later = streams_->Floor(reader_.region);
  ASSERT_TRUE(later);
  EXPECT_GT(*later, *early);
  Disable(table);
  EXPECT_TRUE(streams_->Floor(reader_.region));
  clock_.Advance(hours(25));
  EXPECT_TRUE(streams_->Floor(reader_.region));
  Write(plain, "k", "y");
  EXPECT_EQ(streams_->Floor(reader_.region), std::nullopt);
}

TEST_F(StreamsTest, LeavesOutWhatWasMadeBeforeItWasOn) {
  const TableId table = AddTable("Things", View::kNewAndOldImages);
  // As of a write whose row was latched before the stream was on, and stored behind its beginning.
  shard_->Find(table)->SetCapture(shard::StreamCapture::kOn);
  Write(table, "a", "1");
  shard_->Find(table)->SetCapture(shard::StreamCapture::kOff);
  Write(table, "b", "1");
  shard_->Find(table)->SetCapture(shard::StreamCapture::kWithOldImages);
  Write(table, "a", "2");
  EXPECT_EQ(All(ArnOf(table)), Texts{"MODIFY a: 1 > 2"});
}

}  // namespace
}  // namespace tidemark::streams
