#include "restore/plan.h"

#include <gtest/gtest.h>

namespace tidemark::restore {
namespace {

using catalog::BillingMode;

catalog::TableRecord Source(BillingMode billing) {
  catalog::TableRecord source;
  source.keys.partition = {"pk", item::Type::kString};
  source.attributes = {{"pk", item::Type::kString}};
  source.billing = billing;
  source.throughput =
      billing == BillingMode::kProvisioned ? catalog::Throughput{5, 6} : catalog::Throughput{};
  source.tags = {{"a", "b"}};
  source.pitr.enabled = true;
  source.deletion_protection = true;
  source.table_class = "STANDARD_INFREQUENT_ACCESS";
  return source;
}

Result<catalog::TableRecord> Plan(const catalog::TableRecord& source, Overrides overrides) {
  return PlanTarget(source, AccountId("123456789012"), Region("us-east-1"), "New", overrides,
                    FromMicros(1000));
}

TEST(PlanTarget, CarriesSchemaAndThroughputButNotTagsRecoveryOrProtection) {
  const auto target = Plan(Source(BillingMode::kProvisioned), {});
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->keys.partition.name, "pk");
  EXPECT_EQ(target->throughput, (catalog::Throughput{5, 6}));
  EXPECT_TRUE(target->tags.empty());
  EXPECT_FALSE(target->pitr.enabled);
  EXPECT_FALSE(target->deletion_protection);
  EXPECT_TRUE(target->table_class.empty());
}

TEST(CarryAll, AddsWhatIsLeftOutOtherwise) {
  catalog::TableRecord source = Source(BillingMode::kProvisioned);
  source.pitr.period_days = 9;
  source.ttl = {.attribute = "gone", .changed = FromMicros(7)};
  source.stream = catalog::StreamSettings{.enabled = true,
                                          .view = catalog::StreamView::kNewImage,
                                          .label = "of the source",
                                          .policy = {"{}", "1"}};
  auto target = Plan(source, {});
  ASSERT_TRUE(target.has_value());
  catalog::RestoreSummary restore;
  CarryAll(source, &*target, &restore);
  EXPECT_EQ(target->tags, source.tags);
  EXPECT_EQ(target->table_class, source.table_class);
  EXPECT_TRUE(target->deletion_protection);
  EXPECT_EQ(target->ttl.attribute, "gone");
  EXPECT_TRUE(target->ttl.unsettled);
  // The stream and recovery begin anew.
  EXPECT_EQ(
      *target->stream,
      (catalog::StreamSettings{
          .enabled = true, .view = catalog::StreamView::kNewImage, .label = {}, .policy = {}}));
  EXPECT_FALSE(target->pitr.enabled);
  EXPECT_EQ(restore.recovery_days, 9);

  source.stream->enabled = false;
  source.pitr.enabled = false;
  source.ttl = {};
  target = Plan(source, {});
  CarryAll(source, &*target, &restore);
  EXPECT_FALSE(target->stream.has_value());
  EXPECT_FALSE(target->ttl.unsettled);
  EXPECT_EQ(restore.recovery_days, 0);
}

TEST(PlanTarget, NeedsThroughputForProvisionedOnly) {
  EXPECT_FALSE(Plan(Source(BillingMode::kPayPerRequest), {.billing = BillingMode::kProvisioned})
                   .has_value());
  EXPECT_TRUE(Plan(Source(BillingMode::kPayPerRequest),
                   {.billing = BillingMode::kProvisioned, .throughput = catalog::Throughput{1, 2}})
                  .has_value());
  EXPECT_FALSE(Plan(Source(BillingMode::kPayPerRequest), {.throughput = catalog::Throughput{1, 2}})
                   .has_value());
  const auto on_demand =
      Plan(Source(BillingMode::kProvisioned), {.billing = BillingMode::kPayPerRequest});
  ASSERT_TRUE(on_demand.has_value());
  EXPECT_EQ(on_demand->throughput, catalog::Throughput{});
}

}  // namespace
}  // namespace tidemark::restore
