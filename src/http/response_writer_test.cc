#include "http/response_writer.h"

#include <gtest/gtest.h>

namespace tidemark::http {
namespace {

std::string Written(const Response& response, const ResponseOptions& options = {}) {
  std::string out;
  DateLine date;
  AppendResponse(response, options, date.Get(784887151), out);
  return out;
}

TEST(ResponseWriter, WritesHeadAndBodyInOnePiece) {
  Response response{.status = 200,
                    .content_type = "application/x-amz-json-1.0",
                    .headers = {{"x-amzn-RequestId", "R1"}},
                    .body = "{}",
                    .close = false};
  EXPECT_EQ(Written(response),
            "HTTP/1.1 200 OK\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
            "Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n"
            "x-amzn-RequestId: R1\r\n\r\n{}");
}

TEST(ResponseWriter, AnEmptyBodyHasALengthToo) {
  Response response;
  response.status = 413;
  EXPECT_EQ(Written(response, {.close = true}),
            "HTTP/1.1 413 Content Too Large\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(ResponseWriter, AnswersToHeadTellTheLengthWithoutTheBody) {
  Response response;
  response.body = "12345";
  auto text = Written(response, {.without_body = true});
  EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, LineBreaksInValuesCannotAddHeaders) {
  Response response;
  response.headers = {{"x-echo", "a\r\nSet-Cookie: b"}};
  EXPECT_EQ(Written(response).find("\r\nSet-Cookie"), std::string::npos);
}

TEST(DateLine, FollowsTheSecond) {
  DateLine date;
  EXPECT_EQ(date.Get(0), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  EXPECT_EQ(date.Get(1), "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
}

}  // namespace
}  // namespace tidemark::http
