#include "bench/load_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <deque>
#include <utility>

namespace tidemark::load {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr size_t kErrorKindsMax = 10;

Result<int> Connect(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::string service = std::to_string(port);
  if (int error = getaddrinfo(host.c_str(), service.c_str(), &hints, &found); error != 0)
    return Fail(ErrorKind::kIo, "cannot resolve {}: {}", host, gai_strerror(error));
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int failed = fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0 ? errno : 0;
  freeaddrinfo(found);
  if (failed) {
    if (fd >= 0) close(fd);
    return Fail(FromErrno(failed, "cannot connect to " + host + ":" + service));
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// The answer at the start of `received`, if it is whole; `size` is its length on the wire. A
// status of 0 says that the bytes are no answer we understand.
std::optional<Answer> FindAnswer(std::string_view received, size_t* size) {
  size_t head_size = received.find("\r\n\r\n");
  if (head_size == std::string_view::npos) return std::nullopt;
  Answer answer;
  answer.head = received.substr(0, head_size + 2);
  *size = head_size + 4;
  size_t length_at = answer.head.find("\r\nContent-Length: ");
  if (length_at == std::string_view::npos) length_at = answer.head.find("\r\ncontent-length: ");
  if (!answer.head.starts_with("HTTP/1.1 ") || length_at == std::string_view::npos) return answer;
  size_t length = 0;
  const char* digits = answer.head.data() + length_at + 18;
  std::from_chars(digits, answer.head.data() + answer.head.size(), length);
  *size += length;
  if (received.size() < *size) return std::nullopt;
  answer.body = received.substr(head_size + 4, length);
  std::from_chars(received.data() + 9, received.data() + 12, answer.status);
  return answer;
}

struct Connection {
  int fd = -1;
  bool busy = false;
  Time started;
  std::string_view unsent;
  std::string received;
};

class Client {
 public:
  Client(const ClientOptions& options, Source& source)
      : options_(options), source_(source), connections_(options.connections) {}

  ~Client() {
    for (Connection& c : connections_)
      if (c.fd >= 0) close(c.fd);
    if (epoll_ >= 0) close(epoll_);
  }

  Result<Outcome> Run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) return Fail(FromErrno(errno, "epoll_create1"));
    for (size_t i = 0; i < connections_.size(); ++i) TM_TRYV(Open(i));
    next_due_ = Clock::now();
    if (options_.rate > 0)
      for (size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
    else
      for (size_t i = 0; i < connections_.size(); ++i) StartNext(i, Clock::now());

    std::array<epoll_event, 128> events;
    while (!Finished()) {
      if (options_.rate > 0) StartWhatIsDue();
      int ready = Wait(events);
      if (ready < 0 && errno != EINTR) return Fail(FromErrno(errno, "epoll_wait"));
      for (int i = 0; i < ready; ++i)
        TM_TRYV(OnEvent(static_cast<size_t>(events[static_cast<size_t>(i)].data.u64)));
    }
    return std::move(outcome_);
  }

 private:
  Result<void> Open(size_t index) {
    Connection& c = connections_[index];
    TM_TRY(c.fd, Connect(options_.host, options_.port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event) != 0)
      return Fail(FromErrno(errno, "epoll_ctl"));
    return {};
  }

  bool Finished() {
    if (!ended_ && options_.until && Clock::now() >= *options_.until) ended_ = true;
    return ended_ && busy_ == 0;
  }

  int Wait(std::array<epoll_event, 128>& events) {
    std::chrono::nanoseconds patience = std::chrono::milliseconds(100);
    if (options_.rate > 0 && !ended_ && !idle_.empty())
      patience = std::clamp<std::chrono::nanoseconds>(next_due_ - Clock::now(),
                                                      std::chrono::nanoseconds(0), patience);
    timespec time{0, static_cast<long>(patience.count())};
    return epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
  }

  void StartWhatIsDue() {
    Time now = Clock::now();
    while (!ended_ && next_due_ <= now && !idle_.empty()) {
      size_t index = idle_.front();
      idle_.pop_front();
      StartNext(index, next_due_);
      next_due_ += std::chrono::nanoseconds(static_cast<int64_t>(1e9 / options_.rate));
    }
  }

  void StartNext(size_t index, Time started) {
    auto wire = ended_ ? std::nullopt : source_.Next(index);
    if (!wire) {
      ended_ = true;
      return;
    }
    Connection& c = connections_[index];
    c.busy = true;
    c.started = started;
    c.unsent = *wire;
    ++busy_;
    SendMore(c);
  }

  // A request that the socket does not take whole waits for the rest: rare, so it may block.
  static void SendMore(Connection& c) {
    while (!c.unsent.empty()) {
      ssize_t sent = send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the end of the connection is seen when reading
      c.unsent.remove_prefix(static_cast<size_t>(sent));
    }
  }

  Result<void> OnEvent(size_t index) {
    Connection& c = connections_[index];
    std::array<char, 64 * 1024> buffer;
    ssize_t bytes = recv(c.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (bytes <= 0) return Reopen(index);
    auto count = static_cast<size_t>(bytes);
    outcome_.response_bytes += count;
    // Nearly always the whole answer came at once and needs no copy.
    std::string_view received(buffer.data(), count);
    if (!c.received.empty()) received = c.received.append(buffer.data(), count);
    size_t size = 0;
    auto answer = FindAnswer(received, &size);
    if (!answer) {
      if (c.received.empty()) c.received.assign(received);
      return {};
    }
    if (!c.busy || size != received.size()) return Reopen(index);
    Finish(index, *answer);
    return {};
  }

  void Finish(size_t index, const Answer& answer) {
    Connection& c = connections_[index];
    Time now = Clock::now();
    if (auto error = source_.Check(index, answer))
      outcome_.AddError(*error);
    else
      Note(now, static_cast<uint64_t>((now - c.started).count()));
    Release(index, now);
  }

  void Note(Time now, uint64_t nanos) {
    outcome_.latencies.Add(nanos);
    if (!options_.seconds_from) return;
    auto second = static_cast<size_t>((now - *options_.seconds_from) / std::chrono::seconds(1));
    if (outcome_.by_second.size() <= second) outcome_.by_second.resize(second + 1);
    outcome_.by_second[second].Add(nanos);
  }

  void Release(size_t index, Time now) {
    Connection& c = connections_[index];
    c.received.clear();
    c.busy = false;
    --busy_;
    if (options_.until && now >= *options_.until) ended_ = true;
    if (options_.rate > 0) {
      idle_.push_back(index);
      StartWhatIsDue();
    } else {
      StartNext(index, now);
    }
  }

  // The server closed, or sent something that is no answer.
  Result<void> Reopen(size_t index) {
    Connection& c = connections_[index];
    close(c.fd);
    c.fd = -1;
    TM_TRYV(Open(index));
    if (!c.busy) return {};
    outcome_.AddError("connection closed before the answer");
    Release(index, Clock::now());
    return {};
  }

  const ClientOptions& options_;
  Source& source_;
  std::vector<Connection> connections_;
  int epoll_ = -1;
  std::deque<size_t> idle_;  // open loop only
  Time next_due_;
  size_t busy_ = 0;
  bool ended_ = false;
  Outcome outcome_;
};

}  // namespace

void Outcome::AddError(const std::string& text) {
  ++errors;
  auto known = error_texts.find(text);
  if (known != error_texts.end())
    ++known->second;
  else if (error_texts.size() < kErrorKindsMax)
    error_texts[text] = 1;
}

void Outcome::Merge(const Outcome& other) {
  latencies.Merge(other.latencies);
  if (by_second.size() < other.by_second.size()) by_second.resize(other.by_second.size());
  for (size_t i = 0; i < other.by_second.size(); ++i) by_second[i].Merge(other.by_second[i]);
  errors += other.errors;
  response_bytes += other.response_bytes;
  for (const auto& [text, count] : other.error_texts) error_texts[text] += count;
}

Result<Outcome> RunClient(const ClientOptions& options, Source& source) {
  return Client(options, source).Run();
}

Result<PlainAnswer> Call(const std::string& host, uint16_t port, std::string_view wire) {
  struct OneRequest : Source {
    std::string_view wire;
    bool sent = false;
    PlainAnswer answer;
    std::optional<std::string_view> Next(size_t) override {
      if (std::exchange(sent, true)) return std::nullopt;
      return wire;
    }
    std::optional<std::string> Check(size_t, const Answer& got) override {
      answer = {got.status, std::string(got.body)};
      return std::nullopt;
    }
  } source;
  source.wire = wire;
  TM_TRY(auto outcome, RunClient({.host = host, .port = port}, source));
  if (outcome.errors > 0) return Fail(ErrorKind::kIo, "the server closed the connection");
  return source.answer;
}

}  // namespace tidemark::load
