#include "table/control.h"

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

using ControlTest = TableFixture;

TEST_F(ControlTest, ATableIsActiveOnceItsCreationAnswered) {
  CreateTable("Things", kHashAndRange);
  const auto described = Run(control_->Describe(caller_, "Things"));
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_EQ(described->record.status, catalog::TableStatus::kActive);
  EXPECT_EQ(described->record.keys, kHashAndRange);
  EXPECT_EQ(described->item_count, 0u);
}

TEST_F(ControlTest, NamesAreTakenOnce) {
  CreateTable("Things", kHashOnly);
  CreateTableRequest request;
  request.table = "Things";
  request.attributes = {{"pk", item::Type::kString}};
  request.key_schema = {{"pk", KeyElement::Role::kHash}};
  request.billing = catalog::BillingMode::kPayPerRequest;
  const auto made = Run(control_->Create(caller_, request));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kResourceInUse);
  EXPECT_EQ(made.error().message, "Table already exists: Things");
}

TEST_F(ControlTest, ListsNamesPageByPage) {
  for (const auto* name : {"ccc", "aaa", "bbb", "ddd", "eee"}) CreateTable(name, kHashOnly);
  auto page = Run(control_->List(caller_, std::nullopt, 2));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->names, (std::vector<std::string>{"aaa", "bbb"}));
  EXPECT_EQ(page->last_evaluated, "bbb");
  page = Run(control_->List(caller_, page->last_evaluated, 3));
  EXPECT_EQ(page->names, (std::vector<std::string>{"ccc", "ddd", "eee"}));
  EXPECT_EQ(page->last_evaluated, "");
}

TEST_F(ControlTest, DeletedTablesAreGoneWithTheirItems) {
  CreateTable("Things", kHashOnly);
  Put("Things", Make({{"pk", S("a")}}));
  const auto deleted = Run(control_->Delete(caller_, "Things"));
  ASSERT_TRUE(deleted) << deleted.error().message;
  EXPECT_EQ(deleted->record.status, catalog::TableStatus::kDeleting);
  EXPECT_EQ(before_drop_, std::vector<std::string>{"Things"});
  EXPECT_EQ(after_drop_, std::vector<std::string>{"Things"});
  const auto described = Run(control_->Describe(caller_, "Things"));
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().message, "Requested resource not found: Table: Things not found");
  EXPECT_EQ(Run(control_->Delete(caller_, "Things")).error().kind, ErrorKind::kResourceNotFound);
  CreateTable("Things", kHashOnly);
  EXPECT_EQ(Get("Things", Make({{"pk", S("a")}})), "");
}

TEST_F(ControlTest, ProtectedTablesStay) {
  CreateTable("Things", kHashOnly, true);
  const auto deleted = Run(control_->Delete(caller_, "Things"));
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().kind, ErrorKind::kValidation);
  EXPECT_TRUE(before_drop_.empty());
}

TEST_F(ControlTest, ARefusedDropLeavesTheTableInUse) {
  CreateTable("Things", kHashOnly);
  Put("Things", Make({{"pk", S("a")}}));
  refuse_drop_ = true;
  EXPECT_EQ(Run(control_->Delete(caller_, "Things")).error().kind, ErrorKind::kLimitExceeded);
  EXPECT_EQ(Get("Things", Make({{"pk", S("a")}})), R"({"pk":{"S":"a"}})");
}

TEST_F(ControlTest, ResumeFinishesWhatACrashCutShort) {
  CreateTable("Dropped", kHashOnly);
  const auto dropped = catalog_->FindTable(caller_.account, caller_.region, "Dropped");
  ASSERT_TRUE(catalog_->EditTable(dropped->id, [](catalog::TableRecord& record) -> Result<void> {
    record.status = catalog::TableStatus::kDeleting;
    return {};
  }));
  auto made = *dropped;
  made.name = "Made";
  made.id = TableId::Make(TheSystemRandom());
  made.status = catalog::TableStatus::kCreating;
  ASSERT_TRUE(catalog_->InsertTable(made));
  auto restored = made;
  restored.name = "Restored";
  restored.id = TableId::Make(TheSystemRandom());
  restored.restore = catalog::RestoreSummary{};
  restored.restore->image_directory = "image";
  EXPECT_EQ(catalog_->InsertTable(restored).error().kind, ErrorKind::kNotFound) << "no such image";
  catalog::ImageRecord image;
  image.directory = "image";
  ASSERT_TRUE(catalog_->PutImage(image));
  ASSERT_TRUE(catalog_->InsertTable(restored));

  ASSERT_TRUE(control_->Resume());
  EXPECT_EQ(catalog_->FindTable(dropped->id), nullptr);
  EXPECT_EQ(shard_->Find(dropped->id), nullptr);
  EXPECT_EQ(after_drop_, std::vector<std::string>{"Dropped"});
  Put("Made", Make({{"pk", S("a")}}));
  EXPECT_EQ(catalog_->FindTable(restored.id)->status, catalog::TableStatus::kCreating);
  EXPECT_EQ(Run(control_->Delete(caller_, "Restored")).error().message,
            "Attempt to change a resource which is still in use: Table is being created: Restored");
  GetRequest get;
  get.table = "Restored";
  get.key = Make({{"pk", S("a")}});
  EXPECT_EQ(Run(items_->Get(caller_, get)).error().message, "Requested resource not found");
}

TEST_F(ControlTest, ResetEmptiesOneAccountOnly) {
  CreateTable("Things", kHashOnly);
  const auto mine = catalog_->FindTable(caller_.account, caller_.region, "Things");
  auto others = *mine;
  others.account = AccountId("210987654321");
  others.id = TableId::Make(TheSystemRandom());
  ASSERT_TRUE(catalog_->InsertTable(others));
  ASSERT_TRUE(Run(control_->Reset(caller_)));
  EXPECT_FALSE(Run(control_->Describe(caller_, "Things")));
  EXPECT_NE(catalog_->FindTable(others.id), nullptr);
  CreateTable("Things", kHashOnly);
}

}  // namespace
}  // namespace tidemark::table
