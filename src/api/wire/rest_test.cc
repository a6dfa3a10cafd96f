#include "api/wire/rest.h"

#include <gtest/gtest.h>

namespace tidemark::api::wire {
namespace {

constexpr RestParameter kListQuery[] = {{"maxResults", "MaxResults", RestForm::kInteger},
                                        {"after", "ByAfter", RestForm::kTimestamp},
                                        {"shared", "ByShared", RestForm::kBoolean},
                                        {"name", "Name", RestForm::kText}};
constexpr RestRoute kRoutes[] = {{"Describe", "GET", "/vaults/{Name}", {}},
                                 {"List", "GET", "/vaults", kListQuery},
                                 {"Put", "PUT", "/vaults/{Name}", {}},
                                 {"Summaries", "GET", "/vaults/summaries", {}},
                                 {"Point", "GET", "/vaults/{Name}/points/{Arn}", {}}};

std::string Routed(std::string_view method, std::string_view path) {
  const auto match = MatchRoute(kRoutes, method, path);
  if (!match) return "none";
  std::string text(match->route->operation);
  for (const auto& [member, value] : match->labels) text += fmt::format(" {}={}", member, value);
  return text;
}

TEST(RestRoutes, AreMatchedPartByPart) {
  EXPECT_EQ(Routed("GET", "/vaults"), "List");
  EXPECT_EQ(Routed("GET", "/vaults/"), "List");
  EXPECT_EQ(Routed("GET", "/vaults/a"), "Describe Name=a");
  EXPECT_EQ(Routed("PUT", "/vaults/a/"), "Put Name=a");
  EXPECT_EQ(Routed("GET", "/vaults/summaries"), "Summaries");
  EXPECT_EQ(Routed("PUT", "/vaults/summaries"), "Put Name=summaries");
  for (const char* path : {"", "/", "vaults", "/vault", "/vaultsx", "//vaults", "/vaults//",
                           "/vaults/a/points", "/vaults//points/b", "/vaults/a/points/b/c"})
    EXPECT_EQ(Routed("GET", path), "none") << path;
  EXPECT_EQ(Routed("POST", "/vaults"), "none");
}

TEST(RestRoutes, PartsAreDecodedAfterwards) {
  EXPECT_EQ(Routed("GET", "/vaults/a%2Fb/points/arn%3Ax%2Fy+z%252F"),
            "Point Name=a/b Arn=arn:x/y+z%2F");
}

std::string Document(std::string_view method, std::string_view path, std::string_view query,
                     std::string_view body) {
  const auto match = MatchRoute(kRoutes, method, path);
  const auto document = RequestDocument(*match, query, body);
  return document ? *document : std::string(ToString(document.error().kind));
}

TEST(RestDocument, GathersPathQueryAndBody) {
  EXPECT_EQ(Document("GET", "/vaults", "", ""), "{}");
  EXPECT_EQ(Document("GET", "/vaults", "maxResults=5&shared=true&name=a%20b+c&odd=1", ""),
            R"({"MaxResults":5,"ByShared":true,"Name":"a b c"})");
  EXPECT_EQ(Document("GET", "/vaults", "after=2026-01-31T00%3A00%3A00Z", ""),
            R"({"ByAfter":1769817600})");
  EXPECT_EQ(Document("PUT", "/vaults/v", "", " { \"Tags\" : {} } "), R"({"Tags" : {},"Name":"v"})");
  EXPECT_EQ(Document("PUT", "/vaults/v", "", "{}"), R"({"Name":"v"})");
  EXPECT_EQ(Document("GET", "/vaults", "", "{\"Name\":1}"), R"({"Name":1})");
}

TEST(RestDocument, RefusesOtherForms) {
  const std::string constraint(ToString(ErrorKind::kConstraint));
  for (const char* query : {"maxResults=", "maxResults=1x", "maxResults=99999999999999999999",
                            "shared=yes", "after=tomorrow"})
    EXPECT_EQ(Document("GET", "/vaults", query, ""), constraint) << query;
  for (const char* body : {"[]", "1", "{", "}", "null"}) {
    EXPECT_EQ(Document("PUT", "/vaults/v", "", body), ToString(ErrorKind::kSerialization)) << body;
  }
}

}  // namespace
}  // namespace tidemark::api::wire
