#include "http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <exception>

#include "base/log.h"
#include "codec/gzip.h"
#include "http/ascii.h"

namespace tidemark::http {
namespace {

constexpr auto kWithError = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBytes = 4 * 1024;
constexpr size_t kBodyReadBytesMax = 256 * 1024;
// Answers to pipelined requests are joined up to this size.
constexpr size_t kJoinedBytesMax = 64 * 1024;
constexpr size_t kKeptOutputBytesMax = 64 * 1024;
constexpr std::chrono::seconds kLingerTime{2};
// The type of a TLS handshake record, and no byte a request can begin with.
constexpr char kTlsHandshake = 0x16;

}  // namespace

void ConnectionSet::Sweep() {
  now = std::chrono::steady_clock::now();
  for (Connection* c = first; c; c = c->next_) {
    if (c->deadline_ > now) continue;
    c->timed_out_ = true;
    boost::system::error_code ignored;
    c->socket_.cancel(ignored);
  }
}

void ConnectionSet::BeginStop() {
  stopping = true;
  for (Connection* c = first; c; c = c->next_) {
    boost::system::error_code ignored;
    if (c->phase_ == Connection::Phase::kIdle) c->socket_.cancel(ignored);
  }
}

void ConnectionSet::CutAll() {
  for (Connection* c = first; c; c = c->next_) {
    boost::system::error_code ignored;
    c->close_ = true;
    c->socket_.close(ignored);
  }
}

Connection::Connection(Socket socket, std::shared_ptr<ConnectionSet> set,
                       std::string remote_address)
    : socket_(std::move(socket)),
      set_(std::move(set)),
      limits_(set_->core->limits),
      parser_(limits_) {
  request_.remote_address = std::move(remote_address);
  next_ = set_->first;
  if (next_) next_->previous_ = this;
  set_->first = this;
  Enter(Phase::kIdle);
}

Connection::~Connection() {
  (previous_ ? previous_->next_ : set_->first) = next_;
  if (next_) next_->previous_ = previous_;
  ListenerCore& core = *set_->core;
  --core.connections;
  if (!set_->stopping) return;
  { std::lock_guard lock(core.mutex); }
  core.changed.notify_all();
}

void Connection::Enter(Phase phase) {
  if (phase_ == phase && phase != Phase::kIdle && phase != Phase::kWriting) return;
  phase_ = phase;
  timed_out_ = false;
  switch (phase) {
    case Phase::kIdle:
      deadline_ = set_->now + limits_.idle_timeout;
      break;
    case Phase::kHead:
      deadline_ = set_->now + limits_.head_timeout;
      break;
    case Phase::kBody:
    case Phase::kWriting:
      deadline_ = set_->now + limits_.body_timeout;
      break;
    case Phase::kHandling:
      deadline_ = ConnectionSet::Time::max();
      break;
  }
}

// WHY: no co_await inside a compound condition anywhere here: GCC 12 miscompiles some of them.
asio::awaitable<void> Connection::Serve() {
  while (!close_) {
    bool complete = co_await ReadRequest();
    if (!complete) break;
    co_await Answer();
    in_.Consume(parser_.consumed());
    parser_.Reset();
    if (set_->stopping) close_ = true;
  }
  if (out_.empty() || !socket_.is_open()) co_return;
  bool flushed = co_await Flush();
  if (flushed && (linger_ || !in_.empty())) co_await Linger();
}

asio::awaitable<bool> Connection::ReadRequest() {
  bool continued = false;
  for (;;) {
    if (!in_.empty()) {
      if (BeginsWithTls()) co_return false;
      size_t size = in_.size();
      auto status = parser_.Parse(in_.data(), size);
      if (status == RequestParser::Status::kComplete) co_return true;
      if (status == RequestParser::Status::kRefused) {
        Refuse(parser_.refusal());
        co_return false;
      }
      in_.Truncate(size);
    }
    // What is answered already must not wait for the rest of the next request.
    if (!out_.empty()) {
      bool flushed = co_await Flush();
      if (!flushed) co_return false;
    }
    if (parser_.head_complete()) {
      if (parser_.expects_continue() && !continued) {
        continued = true;
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        bool flushed = co_await Flush();
        if (!flushed) co_return false;
      }
      Enter(Phase::kBody);
    } else {
      Enter(in_.empty() ? Phase::kIdle : Phase::kHead);
    }
    if (set_->stopping && phase_ == Phase::kIdle) co_return false;
    bool received = co_await ReadSome();
    if (!received) {
      if (timed_out_ && phase_ != Phase::kIdle) Refuse(408);
      co_return false;
    }
  }
}

asio::awaitable<bool> Connection::ReadSome() {
  size_t missing = parser_.missing_bytes(in_.size());
  in_.Reserve(std::clamp(missing, kReadBytes, kBodyReadBytesMax));
  auto [error, bytes] = co_await socket_.async_read_some(
      asio::buffer(in_.free_begin(), in_.free_bytes()), kWithError);
  if (error) co_return false;
  timed_out_ = false;  // the bytes arrived just before the cancellation
  in_.Added(bytes);
  co_return true;
}

asio::awaitable<void> Connection::Answer() {
  parser_.Fill(in_.data(), request_);
  Enter(Phase::kHandling);
  if (!DecodeBody()) co_return;
  Response response;
  try {
    response = co_await set_->core->handler(request_);
  } catch (const std::exception& e) {
    LogError("a request's handler threw: {}", e.what());
    response.status = 500;
  }
  if (!parser_.keep_alive() || response.close || set_->stopping) close_ = true;
  bool without_body = request_.method == "HEAD";
  bool large = response.body.size() > kJoinedBytesMax && !without_body;
  if (!large) {
    Append(response, without_body);
    if (out_.size() > kJoinedBytesMax) {
      bool flushed = co_await Flush();
      if (!flushed) close_ = true;
    }
    co_return;
  }
  // A large body is not copied: head and body leave by one gathering write.
  Enter(Phase::kWriting);
  Append(response, true);
  std::array<asio::const_buffer, 2> pieces = {asio::buffer(out_), asio::buffer(response.body)};
  auto [error, bytes] = co_await asio::async_write(socket_, pieces, kWithError);
  out_.clear();
  if (error) close_ = true;
}

// A client that expects TLS here would wait for an answer until the time is up, and so would the
// parser for the end of a line.
bool Connection::BeginsWithTls() {
  if (parser_.head_complete() || in_.data()[0] != kTlsHandshake) return false;
  close_ = true;
  if (LogEnabled(LogLevel::kDebug)) {
    WriteLogLine(LogLevel::kDebug,
                 fmt::format("closed the connection of {}: it speaks TLS, this port does not",
                             request_.remote_address));
  }
  return true;
}

// False: the body is not what its Content-Encoding says; the refusal is in out_.
bool Connection::DecodeBody() {
  auto encoding = request_.Find("content-encoding");
  if (!encoding || !EqualsIgnoringCase(*encoding, "gzip")) return true;
  auto decoded = codec::Gunzip(request_.raw_body, limits_.body_bytes);
  if (!decoded) {
    Refuse(decoded.error().kind == ErrorKind::kRequestTooLarge ? 413 : 400);
    return false;
  }
  decoded_body_ = std::move(*decoded);
  request_.body = decoded_body_;
  return true;
}

void Connection::Refuse(int status) {
  close_ = true;
  linger_ = true;
  ++set_->core->refused;
  Response response;
  if (set_->core->refusal) response = set_->core->refusal(status);
  response.status = status;
  Append(response, false);
}

void Connection::Append(const Response& response, bool without_body) {
  AppendResponse(response,
                 {.close = close_, .http10 = parser_.http10(), .without_body = without_body},
                 set_->date.Get(std::time(nullptr)), out_);
}

asio::awaitable<bool> Connection::Flush() {
  Enter(Phase::kWriting);
  // Nearly always the socket takes all at once, and nothing needs to be suspended.
  boost::system::error_code error;
  size_t written = socket_.write_some(asio::buffer(out_), error);
  if (error == asio::error::would_block) error = {};
  if (!error && written < out_.size()) {
    auto rest = asio::buffer(out_) + written;
    auto [write_error, bytes] = co_await asio::async_write(socket_, rest, kWithError);
    error = write_error;
  }
  out_.clear();
  if (out_.capacity() > kKeptOutputBytesMax) out_.shrink_to_fit();
  co_return !error;
}

// WHY: closing a socket with unread bytes resets the connection, and the reset may overtake the
// answer; the client would see a broken pipe instead of 413.
asio::awaitable<void> Connection::Linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  Enter(Phase::kWriting);
  deadline_ = set_->now + std::min<std::chrono::milliseconds>(kLingerTime, limits_.body_timeout);
  in_.Reserve(kReadBytes);
  while (!timed_out_ && socket_.is_open()) {
    auto [error, bytes] = co_await socket_.async_read_some(
        asio::buffer(in_.data(), in_.size() + in_.free_bytes()), kWithError);
    if (error) break;
  }
}

}  // namespace tidemark::http
