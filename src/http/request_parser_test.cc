#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tidemark::http {
namespace {

using Status = RequestParser::Status;

struct Outcome {
  Status status = Status::kNeedMore;
  int refusal = 0;
  size_t consumed = 0;
  bool keep_alive = false;
  bool expects_continue = false;
  std::string method, path, query, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool operator==(const Outcome&) const = default;
};

// Feeds `wire` in the pieces that `next_piece` asks for; the buffer moves at every step.
template <class NextPiece>
Outcome ParseInPieces(const std::string& wire, const Limits& limits, NextPiece next_piece) {
  RequestParser parser(limits);
  std::string buffer;
  Outcome outcome;
  size_t at = 0, dropped = 0;
  while (at < wire.size() && outcome.status == Status::kNeedMore) {
    size_t bytes = std::min<size_t>(next_piece(), wire.size() - at);
    std::string moved;
    moved.reserve(buffer.size() + bytes);
    moved = buffer + wire.substr(at, bytes);
    buffer = std::move(moved);
    at += bytes;
    size_t size = buffer.size();
    outcome.status = parser.Parse(buffer.data(), size);
    dropped += buffer.size() - size;
    buffer.resize(size);
  }
  outcome.refusal = parser.refusal();
  if (outcome.status != Status::kComplete) return outcome;
  Request request;
  parser.Fill(buffer.data(), request);
  outcome.consumed = parser.consumed() + dropped;
  outcome.keep_alive = parser.keep_alive();
  outcome.expects_continue = parser.expects_continue();
  outcome.method = request.method;
  outcome.path = request.path;
  outcome.query = request.query;
  outcome.body = request.raw_body;
  for (auto& header : request.headers) outcome.headers.emplace_back(header.name, header.value);
  return outcome;
}

Outcome Parse(const std::string& wire, const Limits& limits = {}) {
  return ParseInPieces(wire, limits, [&] { return wire.size(); });
}

int Refusal(const std::string& wire, const Limits& limits = {}) {
  auto outcome = Parse(wire, limits);
  return outcome.status == Status::kRefused ? outcome.refusal : 0;
}

TEST(RequestParser, ReadsMethodPathQueryHeadersAndBody) {
  auto outcome = Parse(
      "POST /a%20b/c?x=1&y=?z HTTP/1.1\r\nHost: here\r\nX-Amz-Target:  DynamoDB.PutItem \t\r\n"
      "Empty:\r\nContent-Length: 5\r\n\r\nhelloGET");
  ASSERT_EQ(outcome.status, Status::kComplete);
  EXPECT_EQ(outcome.method, "POST");
  EXPECT_EQ(outcome.path, "/a%20b/c");
  EXPECT_EQ(outcome.query, "x=1&y=?z");
  EXPECT_EQ(outcome.body, "hello");
  ASSERT_EQ(outcome.headers.size(), 4u);
  EXPECT_EQ(outcome.headers[1].second, "DynamoDB.PutItem");
  EXPECT_EQ(outcome.headers[2].first, "Empty");
  EXPECT_EQ(outcome.headers[2].second, "");
  EXPECT_TRUE(outcome.keep_alive);
}

TEST(RequestParser, FindsHeadersWithoutRegardToCase) {
  Request request;
  request.headers = {{"X-One", "1"}, {"x-one", "2"}};
  EXPECT_EQ(request.Find("x-ONE"), "1");
  EXPECT_FALSE(request.Find("x-on"));
}

TEST(RequestParser, AbsoluteTargetsLoseTheirOrigin) {
  auto outcome = Parse("GET http://some.host:80/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(outcome.path, "/p");
  EXPECT_EQ(outcome.query, "q=1");
  EXPECT_EQ(Parse("GET http://some.host HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
}

TEST(RequestParser, DecodesChunksAndDropsExtensionsAndTrailers) {
  auto outcome = Parse(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5\r\nhello\r\nA;name=\"v\"\r\n, chunked!\r\n000\r\nTrailer: x\r\n\r\nGET /next");
  ASSERT_EQ(outcome.status, Status::kComplete);
  EXPECT_EQ(outcome.body, "hello, chunked!");
}

TEST(RequestParser, KeepAliveFollowsVersionAndConnectionHeader) {
  EXPECT_TRUE(Parse("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, UpgradesAreIgnored) {
  auto outcome =
      Parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(outcome.status, Status::kComplete);
}

TEST(RequestParser, AllowsABlankLineBeforeTheRequest) {
  auto outcome = Parse("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(outcome.status, Status::kComplete);
  EXPECT_EQ(outcome.method, "GET");
  EXPECT_EQ(Refusal("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesWhatTwoParsersCouldReadDifferently) {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const char* heads[] = {
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: \r\n",
      "Content-Length: 99999999999999999999999\r\n",
      "Content-Length : 5\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Host: other\r\n",
      "Folded: a\r\n b\r\n",
      "X: a\rContent-Length: 5\r\n",
      "X: a\nContent-Length: 5\r\n",
      "X: a\r\r\n",
      "X: a\n",
      "No colon here\r\n",
      ": no name\r\n",
      "Sp ace: x\r\n",
      "X: \x01\r\n",
  };
  for (const char* head : heads) EXPECT_EQ(Refusal(post + head + "\r\nhello"), 400) << head;
  EXPECT_EQ(Refusal(post + std::string("X: a\0b\r\n", 8) + "\r\n"), 400);
}

TEST(RequestParser, RefusesMalformedRequestLines) {
  const char* lines[] = {
      "GET /\r\n",
      "GET / HTTP/1.2\r\n",
      "GET / HTTP/2.0\r\n",
      "GET / HTTP/0.9\r\n",
      "GET / HTTP/11.1\r\n",
      "GET / FTP/1.1\r\n",
      "NONSENSE / HTTP/1.1\r\n",
      "GET  HTTP/1.1\r\n",
      " GET / HTTP/1.1\r\n",
      "GET / HTTP/1.1 x\r\n",
      "get / HTTP/1.1\r\n",
      "CONNECT h:1 HTTP/1.1\r\n",
      "PRI * HTTP/2.0\r\n",
      "\x16\x03\x01\r\n",
  };
  for (const char* line : lines)
    EXPECT_EQ(Refusal(std::string(line) + "Host: h\r\n\r\n"), 400) << line;
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\n\r\n"), 400) << "without Host";
}

TEST(RequestParser, RefusesBadChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const char* bodies[] = {
      "g\r\n",
      "\r\n",
      "5\nhello",
      "5\r\nhelloX\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "-1\r\n",
      "+5\r\nhello",
      "0x5\r\nhello",
      " 5\r\nhello",
      "5 \r\nhello",
      "5\r\rhello",
      "ffffffffffffffffff\r\n",
      "5;a\nb\r\nhello",
      "0\r\nTrailer\n\r\n",
      "0\r\nA: b\r\n\rX",
  };
  for (const char* body : bodies) EXPECT_EQ(Refusal(head + body), 400) << body;
  EXPECT_EQ(Refusal(head + "1;" + std::string(5000, 'x')), 400);
  EXPECT_EQ(Refusal(head + "0\r\nA: " + std::string(5000, 'x')), 400);
}

TEST(RequestParser, HeadsAboveTheLimitAre400) {
  Limits limits;
  limits.head_bytes = 200;
  std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  std::string end = "\r\n\r\n";
  EXPECT_EQ(Refusal(start + std::string(200 - start.size() - end.size(), 'x') + end, limits), 0);
  EXPECT_EQ(Refusal(start + std::string(201 - start.size() - end.size(), 'x') + end, limits), 400);
  EXPECT_EQ(Refusal(start + std::string(300, 'x'), limits), 400) << "without waiting for the end";
  EXPECT_EQ(Refusal(std::string(300, 'G'), limits), 400);
}

TEST(RequestParser, BodiesAboveTheLimitAre413) {
  Limits limits;
  limits.body_bytes = 10;
  std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(Refusal(post + "Content-Length: 10\r\n\r\n0123456789", limits), 0);
  EXPECT_EQ(Refusal(post + "Content-Length: 11\r\n\r\n", limits), 413);
  std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Refusal(chunked + "5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n", limits), 0);
  EXPECT_EQ(Refusal(chunked + "5\r\n01234\r\n6\r\n", limits), 413);
}

TEST(RequestParser, ExpectationsOtherThanContinueAre417) {
  std::string post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: ";
  EXPECT_TRUE(Parse(post + "100-Continue\r\n\r\nx").expects_continue);
  EXPECT_EQ(Refusal(post + "a miracle\r\n\r\nx"), 417);
}

TEST(RequestParser, ReadsTheSameWhereverTheBytesAreCut) {
  const std::string wires[] = {
      "POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nA: b\r\n\r\nhello world",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
  };
  for (const auto& wire : wires) {
    auto whole = Parse(wire);
    EXPECT_EQ(whole, ParseInPieces(wire, {}, [] { return size_t{1}; })) << wire;
    for (size_t cut = 1; cut < wire.size(); ++cut) {
      size_t piece = 0;
      EXPECT_EQ(whole, ParseInPieces(wire, {}, [&] { return piece++ ? wire.size() : cut; }))
          << wire << " cut at " << cut;
    }
    uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    for (int i = 0; i < 200; ++i)
      EXPECT_EQ(whole, ParseInPieces(wire, {}, [&] { return 1 + random() % 9; })) << seed;
  }
}

}  // namespace
}  // namespace tidemark::http
