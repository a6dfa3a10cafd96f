#include "shard/change.h"

#include <gtest/gtest.h>

#include <random>

namespace tidemark::shard {
namespace {

Change MakeChange(int rows) {
  Change change;
  change.commit_time = FromMicros(1'700'000'000'123'456);
  change.origin = {"AKIDEXAMPLE", "REQUEST"};
  TableChange table;
  table.table = TableId::Make(TheSystemRandom());
  for (int i = 0; i < rows; ++i) {
    table.rows.push_back(
        {Bytes("key") + std::to_string(i) + '\0',
         i % 2 ? std::optional<Bytes>(Bytes(static_cast<size_t>(i) * 50, 'v')) : std::nullopt});
  }
  table.replaced_bytes = 77;
  table.totals = {12, 3456, {1, 2}, {{2, 5, 60, {3, 4}}, {900, 1, 8, {5, 6}}}};
  if (rows > 0) table.stream = StreamNote{.old_kept = true, .old = Bytes("the row as it was")};
  change.tables.push_back(table);
  return change;
}

TEST(Change, ReadsBackWhatWasWritten) {
  Bytes frame;
  const Change one = MakeChange(5), two = MakeChange(0);
  EncodeChange(one, &frame);
  EncodeChange(two, &frame);
  ChangeReader reader(frame);
  const auto first = reader.Next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->commit_time, one.commit_time);
  EXPECT_EQ((*first)->origin.access_key, "AKIDEXAMPLE");
  ASSERT_EQ((*first)->tables.size(), 1u);
  ASSERT_EQ((*first)->tables[0].rows.size(), 5u);
  EXPECT_EQ((*first)->tables[0].rows[3].value, one.tables[0].rows[3].value);
  EXPECT_FALSE((*first)->tables[0].rows[2].value.has_value());
  EXPECT_EQ((*first)->tables[0].totals, one.tables[0].totals);
  EXPECT_EQ((*first)->tables[0].replaced_bytes, 77u);
  const auto second = reader.Next();
  ASSERT_TRUE(second && *second);
  const auto end = reader.Next();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->has_value());
}

TEST(Change, ViewsHaveNothingOfTheRecordBefore) {
  Bytes frame;
  EncodeChange(MakeChange(5), &frame);
  Change plain = MakeChange(1);
  plain.origin = {};
  plain.tables[0].rows[0].value = Bytes("value");
  plain.tables[0].totals.indexes.clear();
  plain.tables[0].stream.reset();
  EncodeChange(plain, &frame);
  Change control;
  control.kind = ChangeKind::kControl;
  control.control = "{}";
  EncodeChange(control, &frame);
  EncodeChange(MakeChange(1), &frame);

  ChangeViewReader views(frame);
  ASSERT_EQ((*views.Next())->tables[0].rows.size(), 5u);
  const ChangeView* second = *views.Next();
  EXPECT_EQ(second->access_key, "");
  ASSERT_EQ(second->tables[0].rows.size(), 1u);
  EXPECT_EQ(second->tables[0].rows[0].value, "value");
  EXPECT_EQ(second->tables[0].totals, plain.tables[0].totals);
  EXPECT_FALSE(second->tables[0].stream.has_value());
  const ChangeView* third = *views.Next();
  EXPECT_EQ(third->kind, ChangeKind::kControl);
  EXPECT_EQ(third->control, "{}");
  EXPECT_TRUE(third->tables.empty());
  const ChangeView* fourth = *views.Next();
  EXPECT_EQ(fourth->control, "");
  EXPECT_FALSE(fourth->tables[0].rows[0].value.has_value());
  EXPECT_EQ(*views.Next(), nullptr);
}

TEST(Change, KeepsWhatAStreamWants) {
  const std::optional<StreamNote> notes[] = {std::nullopt, StreamNote{},
                                             StreamNote{.old_kept = true, .old = std::nullopt},
                                             StreamNote{.old_kept = true, .old = Bytes()},
                                             StreamNote{.old_kept = true, .old = Bytes("x")}};
  for (const auto& note : notes) {
    Change change = MakeChange(1);
    change.tables[0].stream = note;
    Bytes frame;
    EncodeChange(change, &frame);
    const auto read = ChangeReader(frame).Next();
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->tables[0].stream, note);
  }
}

TEST(Change, NamesCutAndChangedRecordsOrReadsThem) {
  Bytes frame;
  EncodeChange(MakeChange(5), &frame);
  for (size_t cut = 1; cut < frame.size(); ++cut) {
    const auto read = ChangeReader(BytesView(frame).substr(0, cut)).Next();
    ASSERT_FALSE(read.has_value()) << cut;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
  }
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    Bytes damaged = frame;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    ChangeReader reader(damaged);
    while (true) {
      const auto read = reader.Next();  // must end, and never read outside
      if (!read || !*read) break;
    }
  }
}

TEST(Totals, RoundTripAndSumUp) {
  Totals totals{5, 100, {3, 4}};
  EXPECT_EQ(*DecodeTotals(EncodeTotals(totals)), totals);
  EXPECT_EQ(*DecodeTotals(""), Totals{});
  Add(totals, {.items = -1, .bytes = -20, .added = {}, .removed = {3, 4}});
  EXPECT_EQ(totals, (Totals{4, 80, {}}));
}

TEST(Totals, KeepsIndexesInOrderAndOnlyThoseThatHoldSomething) {
  Totals totals;
  TotalsDelta delta{.items = 1, .bytes = 10, .added = {1, 1}, .removed = {}, .indexes = {}};
  delta.indexes = {{7, 1, 5, {2, 2}, {}}, {3, 1, 6, {3, 3}, {}}};
  Add(totals, delta);
  ASSERT_EQ(totals.indexes.size(), 2u);
  EXPECT_EQ(totals.indexes[0].index, 3);
  EXPECT_EQ(totals.OfIndex(7), (IndexTotals{7, 1, 5, {2, 2}}));
  EXPECT_EQ(totals.OfIndex(4), IndexTotals{4});
  Add(totals, {.indexes = {{3, -1, -6, {}, {3, 3}}}});
  EXPECT_EQ(totals.indexes.size(), 1u);
  Add(totals, Opposite(delta));
  Add(totals, {.indexes = {{3, 1, 6, {3, 3}, {}}}});
  EXPECT_EQ(totals, Totals{});
}

}  // namespace
}  // namespace tidemark::shard
