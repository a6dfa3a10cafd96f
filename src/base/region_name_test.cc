#include "base/region_name.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(RegionName, IsOfFewCharactersAndShort) {
  for (const auto* name : {"us-east-1", "local", "x", "us-gov-west-1"})
    EXPECT_TRUE(IsRegionName(name)) << name;
  EXPECT_TRUE(IsRegionName(std::string(32, 'a')));
  EXPECT_FALSE(IsRegionName(std::string(33, 'a')));
  for (const auto* name : {"", "../x", "EU", "a_b", "a b", "_system", "*"})
    EXPECT_FALSE(IsRegionName(name)) << name;
}

TEST(RegionName, WhatIsNoneIsSaidWithItsPlace) {
  EXPECT_TRUE(CheckRegionName("Region", "eu-west-1").has_value());
  EXPECT_EQ(CheckRegionName("Region", "../x").error().message,
            "Region must be the name of a Region, e.g. eu-west-1: 1 to 32 of a-z, 0-9 and '-', not "
            "'../x'");
}

}  // namespace
}  // namespace tidemark
