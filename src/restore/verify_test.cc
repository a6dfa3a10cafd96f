#include "restore/verify.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "engine/mem/mem_engine.h"
#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::restore {
namespace {

using Rows = std::map<Bytes, std::optional<Bytes>>;

Bytes KeyOf(int number) {
  return item::RowKey(item::kPrimaryIndex, item::AttributeValue(std::to_string(number)), nullptr);
}

Bytes ValueOf(int number, const std::string& text) {
  return item::EncodeItem(item::Map::FromEntries(
      {{"pk", item::AttributeValue(std::to_string(number))}, {"v", item::AttributeValue(text)}}));
}

pitr::RowSource SourceOf(Rows::const_iterator next, Rows::const_iterator end) {
  return [next, end]() mutable -> Result<std::optional<engine::RowWrite>> {
    if (next == end) return std::nullopt;
    const auto& [key, value] = *next++;
    return engine::RowWrite{key, value ? std::optional<BytesView>(*value) : std::nullopt};
  };
}

// In several pieces, of parts that are not the same size, one of them empty.
TEST(Overlay, FollowsWhatRowsReplaceAddAndTakeAway) {
  constexpr int kItems = 40'000, kChanged = 5'000;
  const auto engine = engine::MakeMemEngine();
  auto store = std::move(*engine->Create("t", TableId::Make(TheSystemRandom())));
  Rows rows;
  for (int i = 0; i < kItems; ++i) rows[KeyOf(i)] = ValueOf(i, "old");
  ASSERT_TRUE(store->Ingest(SourceOf(rows.begin(), rows.end())));
  shard::Totals begin;
  begin.items = kItems;
  for (const auto& [key, value] : rows) {
    begin.bytes += *item::EncodedItemSize(*value);
    begin.hash += item::HashRow(key, *value);
  }

  Rows laid;
  for (int i = kItems - kChanged; i < kItems + 10; ++i) {
    laid[KeyOf(i)] = i % 7 == 0 ? std::nullopt : std::optional(ValueOf(i, "new and longer"));
  }
  shard::Totals expected = begin;
  for (const auto& [key, value] : laid) {
    if (const auto old = rows.find(key); old != rows.end()) {
      expected.items -= 1;
      expected.bytes -= *item::EncodedItemSize(*old->second);
      expected.hash -= item::HashRow(key, *old->second);
    }
    if (!value) continue;
    expected.items += 1;
    expected.bytes += *item::EncodedItemSize(*value);
    expected.hash += item::HashRow(key, *value);
  }

  Overlay overlay(*store, {}, begin);
  const auto cut = std::next(laid.begin(), kChanged / 5);
  const pitr::RowSource parts[] = {SourceOf(laid.begin(), cut), SourceOf(cut, cut),
                                   SourceOf(cut, laid.end())};
  ASSERT_TRUE(overlay.Lay(parts));
  ASSERT_TRUE(overlay.sums());
  const auto same = overlay.sums()->Compare("the table", {}, expected);
  EXPECT_TRUE(same) << same.error().message;
}

TEST(Overlay, GivesUpWhereMuchIsLaid) {
  const auto engine = engine::MakeMemEngine();
  auto store = std::move(*engine->Create("t", TableId::Make(TheSystemRandom())));
  Rows laid;
  for (int i = 0; i < 1'001; ++i) laid[KeyOf(i)] = ValueOf(i, "new");
  Overlay overlay(*store, {}, {});
  const pitr::RowSource parts[] = {SourceOf(laid.begin(), laid.end())};
  ASSERT_TRUE(overlay.Lay(parts));
  EXPECT_FALSE(overlay.sums());
  EXPECT_EQ(*store->Get(KeyOf(1'000)), ValueOf(1'000, "new"));
}

}  // namespace
}  // namespace tidemark::restore
