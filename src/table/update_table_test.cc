#include "table/update_table.h"

#include <gtest/gtest.h>

namespace tidemark::table {
namespace {

using catalog::BillingMode;
using catalog::Throughput;

const Timestamp kNow = FromMicros(1'700'000'000'000'000);

catalog::TableRecord Provisioned() {
  catalog::TableRecord record;
  record.name = "Music";
  record.status = catalog::TableStatus::kActive;
  record.throughput = {5, 5};
  return record;
}

// The text of the error, from whichever of the two steps it comes.
std::string Apply(const UpdateTableRequest& request, catalog::TableRecord* record) {
  auto done = CheckUpdate(request);
  if (done) done = ApplyUpdate(request, std::nullopt, kNow, record);
  return done ? "" : done.error().message;
}

TEST(UpdateTable, ShowsTheOldThroughputWhileItChanges) {
  UpdateTableRequest request;
  request.throughput = Throughput{4, 6};
  const auto before = Provisioned();
  auto record = before;
  ASSERT_EQ(Apply(request, &record), "");
  EXPECT_EQ(record.throughput, (Throughput{4, 6}));
  EXPECT_EQ(record.throughput_changes,
            (catalog::ThroughputChanges{.increased = kNow, .decreased = kNow, .decreases = 1}));
  EXPECT_EQ(record.Warm(), (Throughput{5, 6}));
  TableDescription shown{.record = record, .decreases_today = 1};
  ShowAsUpdating(request, before, kNow, &shown);
  EXPECT_EQ(shown.record.status, catalog::TableStatus::kUpdating);
  EXPECT_EQ(shown.record.throughput, (Throughput{5, 5}));
  EXPECT_EQ(shown.record.throughput_changes, record.throughput_changes);
  EXPECT_EQ(shown.decreases_today, 0);
  EXPECT_EQ(shown.record.Warm(), (Throughput{5, 5}));
}

TEST(UpdateTable, ForgetsWhatBelongsToTheOtherBillingMode) {
  UpdateTableRequest request;
  request.billing = BillingMode::kPayPerRequest;
  request.on_demand = UnitsRequest{.read = 7, .write = std::nullopt};
  auto record = Provisioned();
  ASSERT_EQ(Apply(request, &record), "");
  EXPECT_EQ(record.throughput, Throughput());
  EXPECT_EQ(record.on_demand, (catalog::OnDemandThroughput{7, -1}));
  EXPECT_EQ(record.billing_changed, kNow);
  request = {};
  request.billing = BillingMode::kProvisioned;
  request.throughput = Throughput{1, 1};
  ASSERT_EQ(Apply(request, &record), "");
  EXPECT_EQ(record.on_demand, std::nullopt);
  EXPECT_EQ(record.throughput, (Throughput{1, 1}));
  EXPECT_EQ(record.throughput_changes, catalog::ThroughputChanges());
}

TEST(UpdateTable, RefusesTablesThatAreNotActive) {
  UpdateTableRequest request;
  request.deletion_protection = true;
  auto record = Provisioned();
  record.status = catalog::TableStatus::kCreating;
  EXPECT_EQ(Apply(request, &record),
            "Attempt to change a resource which is still in use: Table is being created: Music");
  record.status = catalog::TableStatus::kDeleting;
  EXPECT_EQ(Apply(request, &record),
            "Attempt to change a resource which is still in use: Table is being deleted: Music");
  EXPECT_FALSE(record.deletion_protection);
}

TEST(UpdateTable, SaysWhatThisVersionLacks) {
  auto record = Provisioned();
  UpdateTableRequest request;
  request.replica_updates = true;
  EXPECT_NE(Apply(request, &record).find("global tables are not available"), std::string::npos);
}

TEST(UpdateTable, AddsAnIndexThatIsThenBuiltAndRemovesOne) {
  auto record = Provisioned();
  record.keys.partition = {"artist", item::Type::kString};
  record.attributes = {{"artist", item::Type::kString}};
  UpdateTableRequest request;
  auto& create = request.index_updates.emplace_back().create.emplace();
  create.name = "byGenre";
  create.key_schema = {{.name = "genre"}};
  create.projection = index::Projection::kAll;
  EXPECT_EQ(Apply(request, &record),
            "One or more parameter values were invalid: AttributeDefinitions is not specified for "
            "index: byGenre");
  request.attributes = {{"genre", item::Type::kString}};
  EXPECT_EQ(Apply(request, &record),
            "One or more parameter values were invalid: ProvisionedThroughput is not specified for "
            "index: byGenre");
  request.index_updates[0].create->throughput = catalog::Throughput{1, 1};
  EXPECT_EQ(Apply(request, &record), "");
  ASSERT_EQ(record.indexes.size(), 1u);
  EXPECT_EQ(record.indexes[0].status, catalog::IndexStatus::kCreating);
  EXPECT_TRUE(record.indexes[0].definition.building);
  EXPECT_EQ(Apply(request, &record), "Attempting to create an index which already exists");

  UpdateTableRequest removal;
  removal.index_updates.emplace_back().remove = "byGenre";
  EXPECT_EQ(Apply(removal, &record), "");
  EXPECT_EQ(record.indexes[0].status, catalog::IndexStatus::kDeleting);
}

}  // namespace
}  // namespace tidemark::table
