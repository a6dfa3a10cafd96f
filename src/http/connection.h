// One client's connection and what all connections of an I/O thread share. Everything here runs on
// that thread alone, except where said.
#pragma once
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "http/limits.h"
#include "http/listener.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "http/response_writer.h"
#include "runtime/asio.h"

namespace tidemark::http {

using IoExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, IoExecutor>;

// Shared by all threads of a listener and kept alive by its coroutines (hence the shared_ptrs to
// it): the last of them may end after the listener.
struct ListenerCore {
  Limits limits;
  Handler handler;
  Refusal refusal;
  std::atomic<size_t> connections{0};
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> turned_away{0};
  std::atomic<uint64_t> refused{0};
  std::mutex mutex;                 // for waiting on the count
  std::condition_variable changed;  // a connection ended while stopping
};

class Connection;

// The connections of one I/O thread.
struct ConnectionSet {
  using Time = std::chrono::steady_clock::time_point;

  std::shared_ptr<ListenerCore> core;
  Connection* first = nullptr;  // intrusive list; each connection lives in its own coroutine
  Time now;                     // refreshed once per sweep: deadlines need no clock reads
  DateLine date;
  bool stopping = false;

  void Sweep();      // ends what has passed its deadline
  void BeginStop();  // closes idle connections; the others close after their answer
  void CutAll();
};

class Connection {
 public:
  Connection(Socket socket, std::shared_ptr<ConnectionSet> set, std::string remote_address);
  ~Connection();
  Connection(const Connection&) = delete;

  // Answers requests until either side closes.
  asio::awaitable<void> Serve();

 private:
  friend struct ConnectionSet;
  enum class Phase { kIdle, kHead, kBody, kHandling, kWriting };

  // Reads until a whole request is buffered. False: close (an answer may still be in out_).
  asio::awaitable<bool> ReadRequest();
  // Waits for more bytes; false at the end of the stream, on errors and when the time is up.
  asio::awaitable<bool> ReadSome();
  asio::awaitable<void> Answer();
  asio::awaitable<bool> Flush();
  // Lets the client read the last answer although it is still sending.
  asio::awaitable<void> Linger();
  bool DecodeBody();
  bool BeginsWithTls();
  void Refuse(int status);
  void Append(const Response& response, bool without_body);
  void Enter(Phase phase);

  Socket socket_;
  const std::shared_ptr<ConnectionSet> set_;
  const Limits& limits_;
  RequestParser parser_;
  ReadBuffer in_;
  std::string out_;
  Request request_;
  std::string decoded_body_;
  Phase phase_ = Phase::kIdle;
  ConnectionSet::Time deadline_;
  bool timed_out_ = false;
  bool close_ = false;
  bool linger_ = false;

  Connection* next_ = nullptr;
  Connection* previous_ = nullptr;
};

}  // namespace tidemark::http
