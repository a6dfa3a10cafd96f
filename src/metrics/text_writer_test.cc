#include "metrics/text_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark::metrics {
namespace {

TEST(TextWriter, AnnouncesAFamilyOnceAndOnlyWhenItHasSamples) {
  std::string text;
  TextWriter page(&text);
  page.Family(Type::kGauge, "empty", "Nothing of it.");
  page.Family(Type::kCounter, "requests_total", "Requests answered.");
  page.Sample({{"operation", "GetItem"}, {"status", "2xx"}}, uint64_t{17});
  page.Sample({}, 0.5);
  EXPECT_EQ(text,
            "# HELP requests_total Requests answered.\n"
            "# TYPE requests_total counter\n"
            "requests_total{operation=\"GetItem\",status=\"2xx\"} 17\n"
            "requests_total 0.5\n");
}

TEST(TextWriter, EscapesLabelsAndHelp) {
  std::string text;
  TextWriter page(&text);
  page.Family(Type::kGauge, "g", "a \\ \"b\"\nc");
  page.Sample({{"x", "a \\ \"b\"\nc"}}, uint64_t{1});
  EXPECT_EQ(text,
            "# HELP g a \\\\ \"b\"\\nc\n"
            "# TYPE g gauge\n"
            "g{x=\"a \\\\ \\\"b\\\"\\nc\"} 1\n");
}

TEST(TextWriter, TellsWholeNumbersExactly) {
  std::string text;
  TextWriter page(&text);
  page.Family(Type::kCounter, "c", "h");
  page.Sample({}, std::numeric_limits<uint64_t>::max());
  EXPECT_NE(text.find("c 18446744073709551615\n"), std::string::npos);
}

TEST(TextWriter, KnowsNumbersThatAreNone) {
  std::string text;
  TextWriter page(&text);
  page.Family(Type::kGauge, "g", "h");
  page.Sample({}, std::numeric_limits<double>::infinity());
  page.Sample({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_NE(text.find("g +Inf\ng NaN\n"), std::string::npos);
}

TEST(TextWriter, HistogramsAreCumulativeInBaseUnits) {
  Histogram micros;
  for (const uint64_t value : {1u, 2u, 3u, 4u, 9'000'000u}) micros.Record(value);
  std::string text;
  TextWriter page(&text);
  page.Family(Type::kHistogram, "wait_seconds", "Waiting.");
  page.Histogram({{"region", "a"}}, micros.Snapshot(),
                 {.divisor = 1e6, .first_power = 1, .last_power = 2});
  EXPECT_EQ(text,
            "# HELP wait_seconds Waiting.\n"
            "# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{region=\"a\",le=\"2e-06\"} 2\n"
            "wait_seconds_bucket{region=\"a\",le=\"4e-06\"} 4\n"
            "wait_seconds_bucket{region=\"a\",le=\"+Inf\"} 5\n"
            "wait_seconds_sum{region=\"a\"} 9.00001\n"
            "wait_seconds_count{region=\"a\"} 5\n");
}

}  // namespace
}  // namespace tidemark::metrics
