#include "index/changes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "item/item_codec.h"
#include "item/item_size.h"

namespace tidemark::index {
namespace {

item::AttributeValue S(std::string text) { return item::AttributeValue(std::move(text)); }
item::AttributeValue N(int64_t number) {
  return item::AttributeValue(item::Number::FromInt(number));
}

const item::KeySchema kTable{{"pk", item::Type::kString},
                             item::KeyAttribute{"sk", item::Type::kNumber}};

Definition Make(Projection projection, std::vector<item::KeyAttribute> partition,
                std::vector<item::KeyAttribute> sort, std::vector<std::string> included = {}) {
  Definition definition;
  definition.number = item::kFirstSecondaryIndex;
  definition.partition = std::move(partition);
  definition.sort = std::move(sort);
  definition.projection = projection;
  definition.included = std::move(included);
  definition.Complete(kTable);
  return definition;
}

const std::vector<item::KeyAttribute> kG{{"g", item::Type::kString}};
const std::vector<item::KeyAttribute> kH{{"h", item::Type::kNumber}};

item::Item MakeItem(std::vector<item::Map::Entry> more) {
  more.emplace_back("pk", S("p"));
  more.emplace_back("sk", N(1));
  return item::Map::FromEntries(std::move(more));
}

std::optional<Row> RowOf(const Definition& definition, const item::Item& item) {
  const Bytes stored = item::EncodeItem(item);
  return RowOf(definition, kTable, Image{item, stored});
}

TEST(IndexRow, HoldsWhatIsProjected) {
  const auto item = MakeItem({{"g", S("x")}, {"h", N(2)}, {"a", S("1")}, {"b", S("2")}});
  const auto stored = [&](const Definition& definition) {
    const auto row = RowOf(definition, item);
    EXPECT_TRUE(row.has_value());
    const auto decoded = item::DecodeItem(row->value);
    EXPECT_TRUE(decoded.has_value());
    EXPECT_EQ(row->size, item::ItemSize(*decoded));
    std::string names;
    for (const auto& [name, value] : *decoded) names += name + " ";
    return names;
  };
  EXPECT_EQ(stored(Make(Projection::kAll, kG, kH)), "a b g h pk sk ");
  EXPECT_EQ(stored(Make(Projection::kKeysOnly, kG, kH)), "g h pk sk ");
  EXPECT_EQ(stored(Make(Projection::kKeysOnly, kG, {})), "g pk sk ");
  EXPECT_EQ(stored(Make(Projection::kInclude, kG, kH, {"b", "missing", "pk"})), "b g h pk sk ");
}

TEST(IndexRow, IsMissingWithoutAKeyAttributeOfItsType) {
  const auto definition = Make(Projection::kAll, kG, kH);
  EXPECT_TRUE(RowOf(definition, MakeItem({{"g", S("x")}, {"h", N(2)}})));
  EXPECT_FALSE(RowOf(definition, MakeItem({{"g", S("x")}})));
  EXPECT_FALSE(RowOf(definition, MakeItem({{"h", N(2)}})));
  EXPECT_FALSE(RowOf(definition, MakeItem({{"g", N(1)}, {"h", N(2)}})));
  EXPECT_FALSE(RowOf(definition, MakeItem({{"g", S("")}, {"h", N(2)}})));
  EXPECT_FALSE(RowOf(definition, MakeItem({{"g", S(std::string(2049, 'x'))}, {"h", N(2)}})));
  EXPECT_TRUE(RowOf(definition, MakeItem({{"g", S(std::string(2048, 'x'))}, {"h", N(2)}})));
}

TEST(IndexRow, KeyGivesBackAllKeyAttributesInOrder) {
  const auto definition =
      Make(Projection::kKeysOnly, {{"g", item::Type::kString}, {"g2", item::Type::kNumber}},
           {{"h", item::Type::kNumber}, {"sk", item::Type::kNumber}});
  const auto item =
      MakeItem({{"g", S(std::string("a\0b", 3))}, {"g2", N(-7)}, {"h", N(2)}, {"x", S("no")}});
  const auto row = RowOf(definition, item);
  ASSERT_TRUE(row.has_value());
  const auto attributes = definition.RowAttributes(kTable);
  const auto key = item::KeyFromRow(attributes, row->key);
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->size(), 5u);
  for (const auto& [name, value] : *key) EXPECT_EQ(value, *item.Find(name)) << name;
}

TEST(IndexEffect, WritesNothingForARowThatStays) {
  const auto definition = Make(Projection::kKeysOnly, kG, kH);
  const auto before = MakeItem({{"g", S("x")}, {"h", N(2)}, {"a", S("1")}});
  const auto after = MakeItem({{"g", S("x")}, {"h", N(2)}, {"a", S("2")}});
  const Bytes old_stored = item::EncodeItem(before), new_stored = item::EncodeItem(after);
  const Image old_image{before, old_stored}, new_image{after, new_stored};
  EXPECT_TRUE(EffectOf(definition, kTable, &old_image, &new_image).rows.empty());
  auto building = definition;
  building.building = true;
  const auto effect = EffectOf(building, kTable, &old_image, &new_image);
  ASSERT_EQ(effect.rows.size(), 1u);
  EXPECT_TRUE(effect.rows[0].value.has_value());
  EXPECT_EQ(effect.items, 0);
}

// Also the row of a key that stays: another request may have put it, with what it held before.
TEST(IndexEffect, OnlyTakesRowsOutWhileRequestsMayNotKnowTheIndex) {
  auto definition = Make(Projection::kAll, kG, {});
  definition.building = definition.deletes_only = true;
  const auto before = MakeItem({{"g", S("x")}}), after = MakeItem({{"g", S("x")}, {"a", S("1")}});
  const Bytes old_stored = item::EncodeItem(before), new_stored = item::EncodeItem(after);
  const Image old_image{before, old_stored}, new_image{after, new_stored};
  const auto effect = EffectOf(definition, kTable, &old_image, &new_image);
  ASSERT_EQ(effect.rows.size(), 1u);
  EXPECT_EQ(effect.rows[0].key, RowOf(definition, kTable, old_image)->key);
  EXPECT_FALSE(effect.rows[0].value.has_value());
  EXPECT_TRUE(EffectOf(definition, kTable, nullptr, &new_image).rows.empty());
}

TEST(IndexEffect, MovesARowWhoseKeyChanges) {
  const auto definition = Make(Projection::kAll, kG, {});
  const auto before = MakeItem({{"g", S("x")}}), after = MakeItem({{"g", S("yy")}});
  const Bytes old_stored = item::EncodeItem(before), new_stored = item::EncodeItem(after);
  const Image old_image{before, old_stored}, new_image{after, new_stored};
  const auto effect = EffectOf(definition, kTable, &old_image, &new_image);
  EXPECT_TRUE(effect.moves);
  ASSERT_EQ(effect.rows.size(), 2u);
  EXPECT_FALSE(effect.rows[0].value.has_value());
  EXPECT_TRUE(effect.rows[1].value.has_value());
  EXPECT_EQ(effect.items, 0);
  EXPECT_EQ(effect.bytes, 1);
}

// Whatever happens to items, the rows and totals kept by effects are those made of the items anew.
TEST(IndexEffect, KeepsRowsAndTotalsOfRandomChanges) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const auto projection : {Projection::kAll, Projection::kKeysOnly, Projection::kInclude}) {
    const auto definition = Make(projection, kG, kH,
                                 projection == Projection::kInclude ? std::vector<std::string>{"a"}
                                                                    : std::vector<std::string>{});
    std::map<int64_t, item::Item> items;
    std::map<Bytes, Bytes> rows;
    int64_t count = 0, bytes = 0;
    item::SetHash hash;
    for (int step = 0; step < 2000; ++step) {
      const auto sort = static_cast<int64_t>(random() % 20);
      const auto old_item = items.find(sort);
      item::Item new_item;
      new_item.Set("pk", S("p"));
      new_item.Set("sk", N(sort));
      if (random() % 3) new_item.Set("g", S(random() % 2 ? "x" : "y"));
      if (random() % 3) new_item.Set("h", N(static_cast<int64_t>(random() % 3)));
      if (random() % 2) new_item.Set("a", S(std::string(random() % 3, 'a')));
      if (random() % 2) new_item.Set("b", N(step));
      const bool erase = random() % 4 == 0;
      const Bytes old_stored =
          old_item == items.end() ? Bytes() : item::EncodeItem(old_item->second);
      const Bytes new_stored = item::EncodeItem(new_item);
      std::optional<Image> before;
      if (old_item != items.end()) before.emplace(Image{old_item->second, old_stored});
      const Image after{new_item, new_stored};
      const auto effect =
          EffectOf(definition, kTable, before ? &*before : nullptr, erase ? nullptr : &after);
      for (const auto& row : effect.rows) {
        if (row.value) {
          rows[row.key] = *row.value;
        } else {
          EXPECT_EQ(rows.erase(row.key), 1u);
        }
      }
      count += effect.items;
      bytes += effect.bytes;
      hash += effect.added;
      hash -= effect.removed;
      if (erase) {
        items.erase(sort);
      } else {
        items[sort] = new_item;
      }
    }
    std::map<Bytes, Bytes> made;
    int64_t made_bytes = 0;
    item::SetHash made_hash;
    for (const auto& [sort, item] : items) {
      const auto row = RowOf(definition, item);
      if (!row) continue;
      made[row->key] = row->value;
      made_bytes += static_cast<int64_t>(row->size);
      made_hash += item::HashRow(row->key, row->value);
    }
    EXPECT_EQ(rows, made);
    EXPECT_EQ(count, static_cast<int64_t>(made.size()));
    EXPECT_EQ(bytes, made_bytes);
    EXPECT_EQ(hash, made_hash);
  }
}

}  // namespace
}  // namespace tidemark::index
