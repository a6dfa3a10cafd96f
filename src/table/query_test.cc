#include "table/query.h"

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

class QueryTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTable("Rows", kHashAndRange);
    for (int i = 0; i < 10; ++i) {
      Put("Rows", Make({{"pk", S("p")}, {"sk", N(i)}, {"even", N(i % 2 == 0)}}));
      Put("Rows", Make({{"pk", S("q")}, {"sk", N(i)}}));
    }
  }

  QueryRequest Partition(std::string partition, std::string more = "") {
    QueryRequest request;
    request.table = "Rows";
    request.expressions.key_condition = "pk = :p" + more;
    request.expressions.values.Set(":p", S(std::move(partition)));
    request.expressions.values_given = true;
    return request;
  }

  static std::vector<std::string> Sorts(const Page& page) {
    std::vector<std::string> sorts;
    for (const auto& item : page.items)
      sorts.push_back(item.Decode()->Find("sk")->As<item::Number>()->ToString());
    return sorts;
  }
  std::vector<std::string> Query(QueryRequest request) {
    const auto page = Run(queries_->Query(caller_, std::move(request)));
    EXPECT_TRUE(page) << page.error().message;
    return page ? Sorts(*page) : std::vector<std::string>{};
  }
  using List = std::vector<std::string>;
};

TEST_F(QueryTest, ReadsOnePartitionInOrder) {
  EXPECT_EQ(Query(Partition("p")), (List{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(Query(Partition("nothing")), List{});
  auto request = Partition("p", " AND sk BETWEEN :a AND :b");
  request.expressions.values.Set(":a", N(3));
  request.expressions.values.Set(":b", N(5));
  EXPECT_EQ(Query(request), (List{"3", "4", "5"}));
  request.scan_index_forward = false;
  EXPECT_EQ(Query(request), (List{"5", "4", "3"}));
}

TEST_F(QueryTest, PagesMeetWithoutGapOrOverlap) {
  for (const bool forward : {true, false}) {
    for (const uint32_t limit : {1u, 3u, 5u, 10u, 11u}) {
      auto request = Partition("p");
      request.scan_index_forward = forward;
      request.limit = limit;
      List all;
      int pages = 0;
      while (true) {
        const auto page = Run(queries_->Query(caller_, request));
        ASSERT_TRUE(page) << page.error().message;
        ASSERT_LE(++pages, 11);
        for (auto& sort : Sorts(*page)) all.push_back(std::move(sort));
        if (!page->last_evaluated_key) break;
        request.exclusive_start_key = page->last_evaluated_key;
      }
      EXPECT_EQ(all.size(), 10u);
      EXPECT_EQ(all.front(), forward ? "0" : "9");
      // A page that its limit ended names its last key even when nothing follows.
      EXPECT_EQ(pages, static_cast<int>(10 / limit + 1));
    }
  }
}

TEST_F(QueryTest, CountsBeforeAndAfterTheFilter) {
  auto request = Partition("p");
  request.expressions.filter = "even = :one";
  request.expressions.values.Set(":one", N(1));
  auto page = Run(queries_->Query(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->count, 5u);
  EXPECT_EQ(page->scanned_count, 10u);
  EXPECT_EQ(Sorts(*page), (List{"0", "2", "4", "6", "8"}));
  request.select = Select::kCount;
  page = Run(queries_->Query(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->count_only);
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->count, 5u);
  request.select = std::nullopt;
  request.limit = 3;
  page = Run(queries_->Query(caller_, request));
  EXPECT_EQ(page->count, 2u);
  EXPECT_EQ(page->scanned_count, 3u);
  EXPECT_TRUE(page->last_evaluated_key);
}

TEST_F(QueryTest, FiltersMayNotUseKeys) {
  auto request = Partition("p");
  request.expressions.filter = "sk > :zero";
  request.expressions.values.Set(":zero", N(0));
  EXPECT_EQ(
      Run(queries_->Query(caller_, request)).error().message,
      "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk");
}

TEST_F(QueryTest, ProjectsAndChecksSelect) {
  auto request = Partition("p", " AND sk = :a");
  request.expressions.values.Set(":a", N(4));
  request.expressions.projection = "even";
  const auto page = Run(queries_->Query(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(Json(page->items[0]), R"({"even":{"N":"1"}})");
  request.select = Select::kCount;
  EXPECT_EQ(Run(queries_->Query(caller_, request)).error().message,
            "1 validation error detected: Cannot specify the ProjectionExpression when choosing to "
            "get only the Count");
  request.expressions.projection = std::nullopt;
  request.select = Select::kSpecificAttributes;
  EXPECT_EQ(Run(queries_->Query(caller_, request)).error().kind, ErrorKind::kValidation);
}

TEST_F(QueryTest, KnowsNoIndexes) {
  auto request = Partition("p");
  request.index = "by-age";
  EXPECT_EQ(Run(queries_->Query(caller_, request)).error().message,
            "The table does not have the specified index: by-age");
}

TEST_F(QueryTest, APageEndsAtOneMegabyte) {
  CreateTable("Big", kHashAndRange);
  for (int i = 0; i < 8; ++i)
    Put("Big", Make({{"pk", S("p")}, {"sk", N(i)}, {"b", S(std::string(300'000, 'x'))}}));
  auto request = Partition("p");
  request.table = "Big";
  request.consistent_read = true;
  auto page = Run(queries_->Query(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->count, 4u);  // the fourth passes the mark
  ASSERT_TRUE(page->last_evaluated_key);
  EXPECT_EQ(page->capacity.read_units, 293);
  request.exclusive_start_key = page->last_evaluated_key;
  page = Run(queries_->Query(caller_, request));
  EXPECT_EQ(page->count, 4u);
}

TEST_F(QueryTest, ScansFindEveryItemOnce) {
  for (const uint32_t total : {1u, 4u}) {
    size_t found = 0;
    for (uint32_t segment = 0; segment < total; ++segment) {
      ScanRequest request;
      request.table = "Rows";
      request.segment = segment;
      request.total_segments = total;
      request.limit = 3;
      while (true) {
        const auto page = Run(queries_->Scan(caller_, request));
        ASSERT_TRUE(page) << page.error().message;
        found += page->items.size();
        if (!page->last_evaluated_key) break;
        request.exclusive_start_key = page->last_evaluated_key;
      }
    }
    EXPECT_EQ(found, 20u);
  }
}

TEST_F(QueryTest, ScansFilterByKeysToo) {
  ScanRequest request;
  request.table = "Rows";
  request.expressions.filter = "sk = :three";
  request.expressions.values.Set(":three", N(3));
  request.expressions.values_given = true;
  const auto page = Run(queries_->Scan(caller_, request));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->count, 2u);
  EXPECT_EQ(page->scanned_count, 20u);
}

}  // namespace
}  // namespace tidemark::table
