#include "server/commands/figures.h"

#include <gtest/gtest.h>

#include "metrics/text_writer.h"

namespace tidemark::server {
namespace {

using metrics::Type;

TEST(Figures, ReadsBackWhatTheWriterWrites) {
  std::string text;
  metrics::TextWriter page(&text);
  page.Family(Type::kCounter, "requests_total", "Requests.");
  page.Sample({{"operation", "GetItem"}, {"status", "2xx"}}, uint64_t{17});
  page.Sample({{"operation", "GetItem"}, {"status", "4xx"}}, uint64_t{2});
  page.Sample({{"operation", "a \"b\\\n}"}, {"status", "2xx"}}, uint64_t{4});
  page.Family(Type::kGauge, "start_seconds", "Start.");
  page.Sample({}, 1.5e9);
  const Figures figures(text);
  EXPECT_EQ(figures.Sum("requests_total"), 23);
  EXPECT_EQ(figures.Sum("requests_total", {{"status", "2xx"}}), 21);
  EXPECT_EQ(figures.Sum("requests_total", {{"operation", "a \"b\\\n}"}}), 4);
  EXPECT_EQ(figures.Sum("start_seconds"), 1.5e9);
  EXPECT_EQ(figures.Sum("nothing"), 0);
  EXPECT_EQ(figures.ValuesOf("requests_total", "status"), (std::vector<std::string>{"2xx", "4xx"}));
}

TEST(Figures, PassesOverWhatItCannotRead) {
  const Figures figures("\n#\nx\nx{\nx{a=\nx{a=\"b\nx{a=\"b\"\nx y\nx 1");
  EXPECT_EQ(figures.Sum("x"), 1);
}

}  // namespace
}  // namespace tidemark::server
