#include "console/pages.h"

#include <gtest/gtest.h>

#include "console/assets.h"

namespace tidemark::console {
namespace {

class Browser {
 public:
  std::optional<http::Response> Get(std::string_view path,
                                    std::vector<http::Header> headers = {}) const {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.headers = std::move(headers);
    return Answer(request);
  }
};

std::string HeaderOf(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

TEST(ConsolePages, LeavesEverythingElseToTheApi) {
  const Browser browser;
  EXPECT_FALSE(browser.Get("/healthz"));
  EXPECT_FALSE(browser.Get("/"));
  EXPECT_FALSE(browser.Get("/", {{"Accept", "application/json"}}));
  http::Request post;
  post.method = "POST";
  post.path = "/console/";
  EXPECT_FALSE(Answer(post));
}

TEST(ConsolePages, SaysWhenItWasNotBuilt) {
  if (!kAssets.empty()) GTEST_SKIP() << "the console was built";
  const auto answer = Browser().Get("/console/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_NE(answer->body.find("./dev console"), std::string::npos);
}

class BuiltConsole : public testing::Test, public Browser {
 protected:
  void SetUp() override {
    if (kAssets.empty()) GTEST_SKIP() << "the console was not built";
  }
};

TEST_F(BuiltConsole, RedirectsBrowsersFromTheRoot) {
  const auto answer = Get("/", {{"Accept", "text/html,application/xhtml+xml"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(HeaderOf(*answer, "Location"), "/console/");
}

TEST_F(BuiltConsole, ServesItsPageUnderAStrictPolicy) {
  const auto answer = Get("/console/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->content_type, "text/html; charset=utf-8");
  EXPECT_NE(answer->body.find("<div id=\"app\">"), std::string::npos);
  EXPECT_EQ(HeaderOf(*answer, "Cache-Control"), "no-cache");
  EXPECT_TRUE(HeaderOf(*answer, "Content-Security-Policy").starts_with("default-src 'none';"));
}

TEST_F(BuiltConsole, CompressesForWhoAcceptsIt) {
  const auto packed = Get("/console/", {{"Accept-Encoding", "br, gzip;q=0.8"}});
  EXPECT_EQ(HeaderOf(*packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(packed->body.substr(0, 2), "\x1f\x8b");
  const auto plain = Get("/console/", {{"Accept-Encoding", "br, gzip;q=0"}});
  EXPECT_EQ(HeaderOf(*plain, "Content-Encoding"), "");
}

TEST_F(BuiltConsole, AnswersNotModified) {
  const auto etag = HeaderOf(*Get("/console/"), "ETag");
  const auto answer = Get("/console/", {{"If-None-Match", etag}});
  EXPECT_EQ(answer->status, 304);
  EXPECT_TRUE(answer->body.empty());
}

TEST_F(BuiltConsole, KeepsFilesWithAHashInTheirName) {
  for (const Asset& asset : kAssets) {
    const auto path = "/console/" + std::string(asset.path);
    const auto answer = Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200) << path;
    EXPECT_EQ(HeaderOf(*answer, "Cache-Control").find("immutable") != std::string::npos,
              asset.path.starts_with("assets/"))
        << path;
  }
}

TEST_F(BuiltConsole, MissingFilesAreNotItsPage) {
  for (const std::string_view path : {"/console/assets/none.js", "/console/none", "/console/../x"})
    EXPECT_EQ(Get(path)->status, 404) << path;
}

}  // namespace
}  // namespace tidemark::console
