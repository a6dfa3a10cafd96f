// Writes to tables with indexes, and what Query and Scan find in the indexes.
#include <random>

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

using Role = KeyElement::Role;

IndexRequest IndexOn(std::string name, std::vector<KeyElement> keys, index::Projection projection,
                     std::optional<std::vector<std::string>> included = std::nullopt) {
  IndexRequest request;
  request.name = std::move(name);
  request.key_schema = std::move(keys);
  request.projection = projection;
  request.included = std::move(included);
  return request;
}

class IndexReads : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTableRequest request;
    request.table = "Rows";
    request.attributes = {{"pk", item::Type::kString},
                          {"sk", item::Type::kNumber},
                          {"g", item::Type::kString},
                          {"h", item::Type::kNumber}};
    request.key_schema = {{"pk", Role::kHash}, {"sk", Role::kRange}};
    request.billing = catalog::BillingMode::kPayPerRequest;
    request.local_indexes = {
        IndexOn("byH", {{"pk", Role::kHash}, {"h", Role::kRange}}, index::Projection::kKeysOnly)};
    request.global_indexes = {
        IndexOn("byG", {{"g", Role::kHash}}, index::Projection::kAll),
        IndexOn("byGH", {{"g", Role::kHash}, {"h", Role::kRange}}, index::Projection::kInclude,
                std::vector<std::string>{"a"}),
        IndexOn(
            "byBoth",
            {{"g", Role::kHash}, {"pk", Role::kHash}, {"h", Role::kRange}, {"sk", Role::kRange}},
            index::Projection::kKeysOnly)};
    const auto made = Run(control_->Create(caller_, request));
    ASSERT_TRUE(made) << made.error().message;
  }

  QueryRequest Query(std::string index, std::string condition,
                     std::vector<item::Map::Entry> values) {
    QueryRequest request;
    request.table = "Rows";
    request.index = std::move(index);
    request.expressions.key_condition = std::move(condition);
    request.expressions.values = Make(std::move(values));
    request.expressions.values_given = true;
    return request;
  }
  // All items of all pages, as JSON, in order.
  std::vector<std::string> All(QueryRequest request) {
    std::vector<std::string> items;
    for (int pages = 0; pages < 100; ++pages) {
      auto page = Run(queries_->Query(caller_, request));
      EXPECT_TRUE(page) << page.error().message;
      if (!page) break;
      for (const auto& item : page->items) items.push_back(Json(item));
      if (!page->last_evaluated_key) break;
      request.exclusive_start_key = page->last_evaluated_key;
    }
    return items;
  }
  std::string ErrorOf(QueryRequest request) {
    const auto page = Run(queries_->Query(caller_, std::move(request)));
    return page ? "" : page.error().message;
  }
  TableDescription Describe() { return *Run(control_->Describe(caller_, "Rows")); }

  using List = std::vector<std::string>;
};

TEST_F(IndexReads, FindsItemsByTheirAttributes) {
  Put("Rows", Make({{"pk", S("p")},
                    {"sk", N(1)},
                    {"g", S("x")},
                    {"h", N(5)},
                    {"a", S("1")},
                    {"b", S("2")}}));
  Put("Rows", Make({{"pk", S("q")}, {"sk", N(2)}, {"g", S("x")}}));
  Put("Rows", Make({{"pk", S("q")}, {"sk", N(3)}}));
  EXPECT_EQ(All(Query("byG", "g = :g", {{":g", S("x")}})).size(), 2u);
  EXPECT_EQ(All(Query("byGH", "g = :g", {{":g", S("x")}})),
            (List{R"({"a":{"S":"1"},"g":{"S":"x"},"h":{"N":"5"},"pk":{"S":"p"},"sk":{"N":"1"}})"}));
  EXPECT_EQ(All(Query("byH", "pk = :p AND h > :h", {{":p", S("p")}, {":h", N(4)}})),
            (List{R"({"h":{"N":"5"},"pk":{"S":"p"},"sk":{"N":"1"}})"}));
  EXPECT_EQ(All(Query("byH", "pk = :p AND h > :h", {{":p", S("p")}, {":h", N(5)}})), List{});
}

TEST_F(IndexReads, ReadsKeysOfSeveralAttributesFromTheLeft) {
  for (int i = 0; i < 6; ++i)
    Put("Rows", Make({{"pk", S("p")}, {"sk", N(i)}, {"g", S("x")}, {"h", N(i / 3)}}));
  const auto count = [&](std::string condition, std::vector<item::Map::Entry> values) {
    return All(Query("byBoth", std::move(condition), std::move(values))).size();
  };
  EXPECT_EQ(count("g = :g AND pk = :p", {{":g", S("x")}, {":p", S("p")}}), 6u);
  EXPECT_EQ(count("g = :g AND pk = :p AND h = :h", {{":g", S("x")}, {":p", S("p")}, {":h", N(1)}}),
            3u);
  EXPECT_EQ(count("g = :g AND pk = :p AND h = :h AND sk > :s",
                  {{":g", S("x")}, {":p", S("p")}, {":h", N(1)}, {":s", N(4)}}),
            1u);
  EXPECT_EQ(ErrorOf(Query("byBoth", "g = :g", {{":g", S("x")}})),
            "Query condition missed key schema element: pk");
  EXPECT_EQ(ErrorOf(Query("byBoth", "g = :g AND pk = :p AND sk > :s",
                          {{":g", S("x")}, {":p", S("p")}, {":s", N(4)}})),
            "Query condition missed key schema element: h");
  EXPECT_EQ(ErrorOf(Query("byBoth", "g = :g AND pk = :p AND h > :h AND sk > :s",
                          {{":g", S("x")}, {":p", S("p")}, {":h", N(1)}, {":s", N(4)}})),
            "Query key condition not supported");
}

TEST_F(IndexReads, FetchesFromTheTableForLocalIndexesOnly) {
  Put("Rows", Make({{"pk", S("p")},
                    {"sk", N(1)},
                    {"g", S("x")},
                    {"h", N(5)},
                    {"a", S(std::string(5000, 'a'))}}));
  auto request = Query("byH", "pk = :p", {{":p", S("p")}});
  request.select = Select::kAllAttributes;
  auto page = Run(queries_->Query(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->items[0].Decode()->contains("a"));
  EXPECT_EQ(page->capacity.read_units, 1);
  ASSERT_EQ(page->capacity.indexes.size(), 1u);
  EXPECT_EQ(page->capacity.indexes[0].units, 0.5);
  EXPECT_EQ(page->capacity.total(), 1.5);

  request = Query("byGH", "g = :g", {{":g", S("x")}});
  request.select = Select::kAllAttributes;
  EXPECT_EQ(ErrorOf(request),
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
            "supported for global secondary index byGH because its projection type is not ALL");
  request.select = std::nullopt;
  request.expressions.projection = "a, b";
  EXPECT_EQ(ErrorOf(request),
            "One or more parameter values were invalid: Global secondary index byGH does not "
            "project [b]");
  request.expressions.projection = std::nullopt;
  request.consistent_read = true;
  EXPECT_EQ(ErrorOf(request), "Consistent reads are not supported on global secondary indexes");
  request.consistent_read = false;
  request.expressions.filter = "attribute_exists(c)";
  EXPECT_EQ(ErrorOf(request),
            "One or more parameter values were invalid: Secondary index byGH does not project one "
            "or more filter attributes: [c]");
}

TEST_F(IndexReads, RefusesValuesThatCannotBeIndexKeys) {
  const auto put = [&](item::Item item) {
    PutRequest request;
    request.table = "Rows";
    request.item = std::move(item);
    const auto answer = Run(items_->Put(caller_, request));
    return answer ? "" : answer.error().message;
  };
  EXPECT_EQ(put(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", N(5)}})),
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
            "Actual: N IndexName: byBoth");
  EXPECT_EQ(put(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S("")}})),
            "One or more parameter values are not valid. A value specified for a secondary index "
            "key is not supported. The AttributeValue for a key attribute cannot contain an empty "
            "string value. IndexName: byBoth, IndexKey: g");
  EXPECT_EQ(put(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S(std::string(2049, 'x'))}})),
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum "
            "size limit of2048 bytes");
  EXPECT_EQ(put(Make({{"pk", S("p")}, {"sk", N(1)}})), "");
  UpdateRequest update;
  update.table = "Rows";
  update.key = Make({{"pk", S("p")}, {"sk", N(1)}});
  update.expressions.update = "SET g = :v";
  update.expressions.values = Make({{":v", N(3)}});
  update.expressions.values_given = true;
  EXPECT_EQ(Run(items_->Update(caller_, update)).error().message,
            "The update expression attempted to update the secondary index key to unsupported "
            "type");
}

TEST_F(IndexReads, ChargesIndexesForWhatAWriteDoesToThem) {
  const auto units = [&](item::Item item) {
    PutRequest request;
    request.table = "Rows";
    request.item = std::move(item);
    const auto answer = Run(items_->Put(caller_, request));
    EXPECT_TRUE(answer) << answer.error().message;
    std::map<std::string, double> by_name{{"table", answer->capacity.write_units}};
    for (const auto& index : answer->capacity.indexes) by_name[index.name] = index.units;
    return by_name;
  };
  using Units = std::map<std::string, double>;
  EXPECT_EQ(units(Make({{"pk", S("p")}, {"sk", N(1)}})), (Units{{"table", 1}}));
  EXPECT_EQ(units(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S("x")}})),
            (Units{{"table", 1}, {"byG", 1}}));
  EXPECT_EQ(units(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S("y")}})),
            (Units{{"table", 1}, {"byG", 2}}));
  EXPECT_EQ(units(Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S("y")}, {"h", N(1)}})),
            (Units{{"table", 1}, {"byG", 1}, {"byH", 1}, {"byGH", 1}, {"byBoth", 1}}));
  EXPECT_EQ(units(Make({{"pk", S("p")},
                        {"sk", N(1)},
                        {"g", S("y")},
                        {"h", N(1)},
                        {"z", S(std::string(2000, 'z'))}})),
            (Units{{"table", 2}, {"byG", 2}}));
  EXPECT_EQ(units(Make({{"pk", S("p")}, {"sk", N(1)}})),
            (Units{{"table", 2}, {"byG", 2}, {"byH", 1}, {"byGH", 1}, {"byBoth", 1}}));
}

// Whatever is written, each index answers with exactly the items that have its key, in order, and
// DescribeTable counts them.
TEST_F(IndexReads, AnswerAsTheItemsWouldAfterRandomWrites) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::map<std::pair<std::string, int64_t>, item::Item> model;
  const auto value = [&](int64_t most) { return static_cast<int64_t>(random() % most); };
  for (int step = 0; step < 1500; ++step) {
    const std::string partition = random() % 2 ? "p" : "q";
    const int64_t sort = value(15);
    auto key = Make({{"pk", S(partition)}, {"sk", N(sort)}});
    switch (random() % 4) {
      case 0: {
        DeleteRequest request;
        request.table = "Rows";
        request.key = key;
        ASSERT_TRUE(Run(items_->Delete(caller_, request)));
        model.erase({partition, sort});
        break;
      }
      case 1: {
        UpdateRequest request;
        request.table = "Rows";
        request.key = key;
        auto& item = model.try_emplace({partition, sort}, key).first->second;
        if (random() % 3) {
          request.expressions.update = "SET g = :g, a = :a";
          request.expressions.values =
              Make({{":g", S(random() % 2 ? "x" : "y")}, {":a", N(value(3))}});
          request.expressions.values_given = true;
          item.Set("g", *request.expressions.values.Find(":g"));
          item.Set("a", *request.expressions.values.Find(":a"));
        } else {
          // An update that only takes away makes no item.
          const bool there = item.size() > 2 || !Get("Rows", key).empty();
          request.expressions.update = "REMOVE h";
          item.Erase("h");
          if (!there) model.erase({partition, sort});
        }
        ASSERT_TRUE(Run(items_->Update(caller_, request)));
        break;
      }
      default: {
        auto item = key;
        if (random() % 3) item.Set("g", S(random() % 2 ? "x" : "y"));
        if (random() % 3) item.Set("h", N(value(4)));
        if (random() % 2) item.Set("a", N(value(3)));
        Put("Rows", item);
        model[{partition, sort}] = item;
      }
    }
  }
  const auto keys_of = [](const std::vector<std::string>& items) { return items.size(); };
  for (const std::string g : {"x", "y"}) {
    std::vector<std::pair<int64_t, std::string>> should;
    std::set<std::string> whole;
    for (const auto& [key, item] : model) {
      const auto* has = item.Find("g");
      if (!has || *has != S(g)) continue;
      whole.insert(Json(AnswerItem(item)));
    }
    const auto found = All(Query("byG", "g = :g", {{":g", S(g)}}));
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), whole);
    EXPECT_EQ(keys_of(found), whole.size());
    auto paged = Query("byGH", "g = :g", {{":g", S(g)}});
    const auto at_once = All(paged);
    paged.limit = 3;
    EXPECT_EQ(All(paged), at_once);
    paged.scan_index_forward = false;
    auto backwards = All(paged);
    std::ranges::reverse(backwards);
    EXPECT_EQ(backwards, at_once);
  }
  std::map<std::string, uint64_t> counts;
  for (const auto& [key, item] : model) {
    const bool g = item.contains("g"), h = item.contains("h");
    counts["byH"] += h;
    counts["byG"] += g;
    counts["byGH"] += g && h;
    counts["byBoth"] += g && h;
  }
  const auto description = Describe();
  EXPECT_EQ(description.item_count, model.size());
  for (const auto& index : description.record.indexes) {
    const auto at =
        std::ranges::find(description.indexes, index.definition.number, &shard::IndexTotals::index);
    const uint64_t items = at == description.indexes.end() ? 0 : at->items;
    EXPECT_EQ(items, counts[index.name]) << index.name;
    ScanRequest scan;
    scan.table = "Rows";
    scan.index = index.name;
    uint64_t scanned = 0;
    for (uint32_t segment = 0; segment < 3; ++segment) {
      scan.segment = segment;
      scan.total_segments = 3;
      scanned += Run(queries_->Scan(caller_, scan))->count;
    }
    EXPECT_EQ(scanned, counts[index.name]) << index.name;
  }
}

TEST_F(IndexReads, RefusesStartingKeysThatAreNoKeysOfTheIndex) {
  Put("Rows", Make({{"pk", S("p")}, {"sk", N(1)}, {"g", S("x")}}));
  auto request = Query("byG", "g = :g", {{":g", S("x")}});
  request.exclusive_start_key = Make({{"pk", S("p")}, {"sk", N(1)}});
  EXPECT_EQ(ErrorOf(request), "The provided starting key is invalid");
  request.exclusive_start_key = Make({{"g", S("y")}, {"pk", S("p")}, {"sk", N(1)}});
  EXPECT_EQ(ErrorOf(request),
            "The provided starting key is outside query boundaries based on provided conditions");
  request.exclusive_start_key = Make({{"g", S("x")}, {"pk", S("p")}, {"sk", N(0)}});
  EXPECT_EQ(All(request).size(), 1u);
  EXPECT_EQ(ErrorOf(Query("nothing", "g = :g", {{":g", S("x")}})),
            "The table does not have the specified index: nothing");
}

}  // namespace
}  // namespace tidemark::table
