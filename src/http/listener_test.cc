#include "http/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "runtime/completion.h"

namespace tidemark::http {
namespace {

using std::chrono::milliseconds;

// A client that sends exactly the bytes it is told.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~RawClient() { close(fd_); }

  bool connected() const { return connected_; }
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // One response, whole (head and body); what there is at the end of the stream or after 5 s.
  std::string ReadResponse(bool with_body = true) {
    for (;;) {
      size_t head = received_.find("\r\n\r\n");
      if (head != std::string::npos) {
        size_t total = head + 4;
        size_t length = received_.find("Content-Length: ");
        if (with_body && length < head) total += std::stoul(received_.substr(length + 16, 20));
        if (received_.size() >= total) {
          std::string response = received_.substr(0, total);
          received_.erase(0, total);
          return response;
        }
      }
      if (!ReadMore()) return std::exchange(received_, "");
    }
  }
  // True when the server closes, within `patience`, without sending anything more.
  bool IsClosed(milliseconds patience = milliseconds(5000)) {
    return received_.empty() && !ReadMore(patience) && at_end_;
  }

 private:
  bool ReadMore(milliseconds patience = milliseconds(5000)) {
    pollfd poll_entry{fd_, POLLIN, 0};
    if (poll(&poll_entry, 1, static_cast<int>(patience.count())) != 1) return false;
    char buffer[65536];
    ssize_t bytes = recv(fd_, buffer, sizeof buffer, 0);
    at_end_ = bytes <= 0;
    if (at_end_) return false;
    received_.append(buffer, static_cast<size_t>(bytes));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool at_end_ = false;
  std::string received_;
};

std::string BodyOf(const std::string& response) {
  size_t head = response.find("\r\n\r\n");
  return head == std::string::npos ? "" : response.substr(head + 4);
}
int StatusOf(const std::string& response) {
  return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3));
}

std::string Post(std::string_view path, std::string_view body, std::string_view headers = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string Gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Echoes; /wait waits until released, /big answers as many bytes as the body says, /throw throws.
struct Server {
  explicit Server(Limits limits = {}, size_t thread_count = 2, Refusal refusal = {})
      : threads(thread_count) {
    threads.Start();
    auto opened = Listener::Open(
        threads, "127.0.0.1", 0, limits, [this](const Request& request) { return Handle(request); },
        std::move(refusal));
    EXPECT_TRUE(opened);
    listener = std::move(*opened);
  }
  ~Server() {
    Release();
    listener.reset();
  }

  asio::awaitable<Response> Handle(const Request& request) {
    Response response;
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    if (request.path == "/wait")
      (void)co_await runtime::Await<void>([this](runtime::Completion<void> done) {
        std::lock_guard lock(mutex);
        waiting.push_back(std::move(done));
        ++waited;
      });
    if (request.path == "/close") response.close = true;
    if (request.path == "/big")
      response.body.assign(std::stoul(std::string(request.body)), 'b');
    else
      response.body = std::string(request.path) + ":" + std::string(request.body);
    if (request.path == "/raw")
      response.body = std::to_string(request.raw_body.size()) + " from " + request.remote_address;
    co_return response;
  }
  void Release() {
    std::lock_guard lock(mutex);
    waiting.clear();
  }
  void AwaitWaiting(int count) const {
    while (waited < count) std::this_thread::sleep_for(milliseconds(1));
  }

  std::mutex mutex;
  std::vector<runtime::Completion<void>> waiting;
  std::atomic<int> waited{0};
  runtime::IoThreads threads;
  std::unique_ptr<Listener> listener;
};

TEST(Listener, KeepsConnectionsAlive) {
  Server server;
  RawClient client(server.listener->port());
  for (int i = 0; i < 100; ++i) {
    std::string body = "body " + std::to_string(i);
    ASSERT_TRUE(client.Send(Post("/echo", body)));
    auto response = client.ReadResponse();
    EXPECT_EQ(StatusOf(response), 200);
    EXPECT_EQ(BodyOf(response), "/echo:" + body);
    EXPECT_EQ(response.find("Connection:"), std::string::npos);
  }
}

TEST(Listener, AnswersPipelinedRequestsInOrder) {
  Server server;
  RawClient client(server.listener->port());
  std::string wire;
  for (int i = 0; i < 500; ++i) {
    std::string body = std::to_string(i);
    wire += i % 2 ? Post("/echo", body)
                  : "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        std::to_string(body.size()) + "\r\n" + body + "\r\n0\r\n\r\n";
  }
  std::thread sender([&] { client.Send(wire); });
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(BodyOf(client.ReadResponse()), "/echo:" + std::to_string(i));
  sender.join();
}

TEST(Listener, ReadsRequestsByteByByte) {
  Server server;
  RawClient client(server.listener->port());
  std::string wire = Post("/a", "hello") +
                     "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (char c : wire) ASSERT_TRUE(client.Send(std::string_view(&c, 1)));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/a:hello");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/b:abcde");
}

TEST(Listener, SurvivesAnySplitOfTheWire) {
  Server server;
  std::string wire = Post("/a", "hello") + Post("/b", "") + Post("/c", "x");
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  RawClient client(server.listener->port());
  for (int round = 0; round < 30; ++round) {
    for (size_t at = 0; at < wire.size();) {
      size_t bytes = std::min<size_t>(1 + random() % 40, wire.size() - at);
      ASSERT_TRUE(client.Send(std::string_view(wire).substr(at, bytes)));
      at += bytes;
      if (random() % 4 == 0) std::this_thread::sleep_for(milliseconds(1));
    }
    ASSERT_EQ(BodyOf(client.ReadResponse()), "/a:hello");
    ASSERT_EQ(BodyOf(client.ReadResponse()), "/b:");
    ASSERT_EQ(BodyOf(client.ReadResponse()), "/c:x");
  }
}

TEST(Listener, CarriesLargeBodiesBothWays) {
  Server server;
  RawClient client(server.listener->port());
  for (size_t size : {70'000u, 1'000'000u, 16u * 1024 * 1024}) {
    std::string body(size, 'x');
    std::thread sender([&] { client.Send(Post("/echo", body)); });
    auto response = client.ReadResponse();
    sender.join();
    EXPECT_EQ(BodyOf(response).size(), size + 6);
    ASSERT_TRUE(client.Send(Post("/big", std::to_string(size))));
    EXPECT_EQ(BodyOf(client.ReadResponse()), std::string(size, 'b'));
  }
}

TEST(Listener, MalformedRequestsAre400AndClose) {
  Server server;
  for (const char* wire :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient client(server.listener->port());
    ASSERT_TRUE(client.Send(wire));
    auto response = client.ReadResponse();
    EXPECT_EQ(StatusOf(response), 400) << wire;
    EXPECT_EQ(BodyOf(response), "");
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST(Listener, WhatCameBeforeAMalformedRequestIsAnswered) {
  Server server;
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send(Post("/first", "x") + "nonsense\r\n\r\n"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/first:x");
  EXPECT_EQ(StatusOf(client.ReadResponse()), 400);
  EXPECT_TRUE(client.IsClosed());
}

TEST(Listener, LargeBodiesAre413AlsoWhileTheClientStillSends) {
  Limits limits;
  limits.body_bytes = 1000;
  Server server(limits);
  RawClient client(server.listener->port());
  // All of it is accepted: the answer must not be lost to a reset.
  EXPECT_TRUE(client.Send(Post("/echo", std::string(3'000'000, 'x'))));
  auto response = client.ReadResponse();
  EXPECT_EQ(StatusOf(response), 413);
  EXPECT_EQ(BodyOf(response), "");
  EXPECT_TRUE(client.IsClosed());
}

TEST(Listener, DecodesGzipAndKeepsWhatWasSent) {
  Limits limits;
  limits.body_bytes = 10'000;
  Server server(limits);
  RawClient client(server.listener->port());
  std::string text(5000, 't'), packed = Gzip(text);
  ASSERT_TRUE(client.Send(Post("/echo", packed, "Content-Encoding: GZIP\r\n")));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/echo:" + text);
  ASSERT_TRUE(client.Send(Post("/raw", packed, "content-encoding: gzip\r\n")));
  EXPECT_EQ(BodyOf(client.ReadResponse()), std::to_string(packed.size()) + " from 127.0.0.1");

  ASSERT_TRUE(client.Send(Post("/echo", "not gzip", "Content-Encoding: gzip\r\n")));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 400);
  EXPECT_TRUE(client.IsClosed());

  RawClient bomb(server.listener->port());
  ASSERT_TRUE(
      bomb.Send(Post("/echo", Gzip(std::string(10'001, 'b')), "Content-Encoding: gzip\r\n")));
  EXPECT_EQ(StatusOf(bomb.ReadResponse()), 413);
  EXPECT_TRUE(bomb.IsClosed());
}

TEST(Listener, SaysContinueBeforeTheBodyIsSent) {
  Server server;
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send(
      "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_EQ(client.ReadResponse(false), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("body"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/e:body");
}

TEST(Listener, ClosesWhenEitherSideAsks) {
  Server server;
  RawClient asks(server.listener->port());
  ASSERT_TRUE(asks.Send(Post("/x", "", "Connection: close\r\n")));
  EXPECT_NE(asks.ReadResponse().find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(asks.IsClosed());
  RawClient told(server.listener->port());
  ASSERT_TRUE(told.Send(Post("/close", "")));
  EXPECT_NE(told.ReadResponse().find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(told.IsClosed());
}

TEST(Listener, HandlesHttp10) {
  Server server;
  RawClient once(server.listener->port());
  ASSERT_TRUE(once.Send("GET /x HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(BodyOf(once.ReadResponse()), "/x:");
  EXPECT_TRUE(once.IsClosed());
  RawClient twice(server.listener->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(twice.Send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    auto response = twice.ReadResponse();
    EXPECT_EQ(BodyOf(response), "/x:");
    EXPECT_NE(response.find("Connection: keep-alive"), std::string::npos);
  }
}

TEST(Listener, AnswersHeadWithoutABody) {
  Server server;
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n" + Post("/y", "")));
  EXPECT_NE(client.ReadResponse(false).find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/y:");
}

TEST(Listener, WhatNoHandlerSeesIsAnsweredByTheRefusal) {
  Limits limits;
  limits.body_bytes = 10;
  Server server(limits, 2, [](int status) {
    Response response;
    response.body = "refused with " + std::to_string(status);
    return response;
  });
  for (const auto& [request, status] :
       {std::pair{std::string("GET / HTTP/9.9\r\n\r\n"), 400},
        std::pair{Post("/", "more than ten"), 413},
        std::pair{Post("/", "no gzip", "Content-Encoding: gzip\r\n"), 400}}) {
    RawClient client(server.listener->port());
    ASSERT_TRUE(client.Send(request));
    const auto response = client.ReadResponse();
    EXPECT_EQ(StatusOf(response), status);
    EXPECT_EQ(BodyOf(response), "refused with " + std::to_string(status));
    EXPECT_TRUE(client.IsClosed());
  }
  EXPECT_EQ(server.listener->Stats().refused, 3u);
}

TEST(Listener, ATlsHelloIsClosedAtOnce) {
  Server server;
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)));
  EXPECT_TRUE(client.IsClosed());

  RawClient later(server.listener->port());
  ASSERT_TRUE(later.Send(Post("/first", "")));
  EXPECT_EQ(BodyOf(later.ReadResponse()), "/first:");
  ASSERT_TRUE(later.Send("\x16\x03\x01"));
  EXPECT_TRUE(later.IsClosed());
}

TEST(Listener, CountsConnections) {
  Limits limits;
  limits.connections = 1;
  Server server(limits);
  RawClient first(server.listener->port());
  ASSERT_TRUE(first.Send(Post("/x", "")));
  EXPECT_EQ(StatusOf(first.ReadResponse()), 200);
  RawClient second(server.listener->port());
  EXPECT_TRUE(second.IsClosed());
  const auto stats = server.listener->Stats();
  EXPECT_EQ(stats.open, 1u);
  EXPECT_EQ(stats.accepted, 1u);
  EXPECT_EQ(stats.turned_away, 1u);
  EXPECT_EQ(stats.refused, 0u);
}

TEST(Listener, AHandlerThatThrowsIsA500) {
  Server server;
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send(Post("/throw", "") + Post("/next", "")));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 500);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/next:");
}

TEST(Listener, SlowHeadsAndBodiesAre408AndIdleConnectionsClose) {
  Limits limits;
  limits.head_timeout = milliseconds(80);
  limits.body_timeout = milliseconds(80);
  limits.idle_timeout = milliseconds(80);
  Server server(limits);
  RawClient idle(server.listener->port());
  EXPECT_TRUE(idle.IsClosed());

  RawClient slow_head(server.listener->port());
  auto start = std::chrono::steady_clock::now();
  // Bytes that trickle in do not prolong the time.
  while (slow_head.Send("G") && std::chrono::steady_clock::now() - start < milliseconds(400)) {
    std::this_thread::sleep_for(milliseconds(20));
    if (!slow_head.IsClosed(milliseconds(0)) && slow_head.ReadResponse().size()) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(390));

  RawClient slow_body(server.listener->port());
  ASSERT_TRUE(slow_body.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"));
  EXPECT_EQ(StatusOf(slow_body.ReadResponse()), 408);
  EXPECT_TRUE(slow_body.IsClosed());
}

TEST(Listener, AHandlerMayTakeLongerThanAnyTimeout) {
  Limits limits;
  limits.head_timeout = limits.body_timeout = limits.idle_timeout = milliseconds(40);
  Server server(limits);
  RawClient client(server.listener->port());
  ASSERT_TRUE(client.Send(Post("/wait", "")));
  server.AwaitWaiting(1);
  std::this_thread::sleep_for(milliseconds(150));
  server.Release();
  EXPECT_EQ(BodyOf(client.ReadResponse()), "/wait:");
}

TEST(Listener, ConnectionsAboveTheCapAreClosedAtOnce) {
  Limits limits;
  limits.connections = 2;
  Server server(limits);
  RawClient first(server.listener->port());
  auto second = std::make_unique<RawClient>(server.listener->port());
  for (auto* client : {&first, second.get()}) {
    ASSERT_TRUE(client->Send(Post("/x", "")));
    EXPECT_EQ(StatusOf(client->ReadResponse()), 200);
  }
  RawClient third(server.listener->port());
  EXPECT_TRUE(third.IsClosed());
  second.reset();
  for (int tries = 0; tries < 200; ++tries) {
    RawClient again(server.listener->port());
    again.Send(Post("/x", ""));
    if (StatusOf(again.ReadResponse()) == 200) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  FAIL() << "the place of a closed connection is not given back";
}

TEST(Listener, StopFinishesRequestsUnderWayAndClosesIdleConnections) {
  Server server;
  uint16_t port = server.listener->port();
  RawClient idle(port), busy(port);
  ASSERT_TRUE(idle.Send(Post("/x", "")));
  EXPECT_EQ(StatusOf(idle.ReadResponse()), 200);
  ASSERT_TRUE(busy.Send(Post("/wait", "")));
  server.AwaitWaiting(1);
  auto stopped = std::async(std::launch::async, [&] { server.listener->Stop(milliseconds(5000)); });
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_EQ(stopped.wait_for(milliseconds(50)), std::future_status::timeout);
  EXPECT_FALSE(RawClient(port).connected());
  server.Release();
  auto response = busy.ReadResponse();
  EXPECT_EQ(BodyOf(response), "/wait:");
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(stopped.wait_for(milliseconds(2000)), std::future_status::ready);
}

TEST(Listener, StopCutsWhatIsNotDoneAtTheDeadline) {
  Server server;
  RawClient busy(server.listener->port());
  ASSERT_TRUE(busy.Send(Post("/wait", "")));
  server.AwaitWaiting(1);
  auto start = std::chrono::steady_clock::now();
  server.listener->Stop(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
  EXPECT_TRUE(busy.IsClosed());
  server.Release();
}

TEST(Listener, TellsWhenThePortIsTaken) {
  Server server;
  auto second =
      Listener::Open(server.threads, "127.0.0.1", server.listener->port(), {},
                     [](const Request&) -> asio::awaitable<Response> { co_return Response{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kIo);
}

TEST(Listener, ManyClientsOnManyConnections) {
  Server server;
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int t = 0; t < 8; ++t)
    clients.emplace_back([&, t] {
      for (int c = 0; c < 10; ++c) {
        RawClient client(server.listener->port());
        for (int i = 0; i < 50; ++i) {
          std::string body = std::to_string(t * 10'000 + c * 100 + i);
          client.Send(Post("/m", body));
          right += BodyOf(client.ReadResponse()) == "/m:" + body;
        }
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, 8 * 10 * 50);
}

}  // namespace
}  // namespace tidemark::http
