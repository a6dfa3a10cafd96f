#include "http/listener.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <vector>

#include "base/log.h"
#include "http/connection.h"

namespace tidemark::http {
namespace {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, IoExecutor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};  // when descriptors have run out

struct Thread {
  explicit Thread(asio::io_context& context)
      : context(context), acceptor(context), pause(context), sweep_timer(context) {}

  asio::io_context& context;
  Acceptor acceptor;
  Timer pause;
  Timer sweep_timer;
  std::shared_ptr<ConnectionSet> set = std::make_shared<ConnectionSet>();
};

asio::awaitable<void> ServeConnection(Socket socket, std::shared_ptr<ConnectionSet> set,
                                      std::string remote_address) {
  Connection connection(std::move(socket), std::move(set), std::move(remote_address));
  co_await connection.Serve();
}

std::string AddressText(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

// The coroutines share ownership of their thread's state: they end after the listener at times.
asio::awaitable<void> Accept(std::shared_ptr<Thread> thread) {
  ListenerCore& core = *thread->set->core;
  while (!thread->set->stopping) {
    auto [error, socket] = co_await thread->acceptor.async_accept(kAsTuple);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
    if (error) {
      if (error == asio::error::connection_aborted) continue;
      LogWarn("cannot accept a connection: {}", error.message());
      thread->pause.expires_after(kAcceptPause);
      co_await thread->pause.async_wait(kAsTuple);
      continue;
    }
    boost::system::error_code ignored, no_peer;
    auto peer = socket.remote_endpoint(no_peer);
    if (no_peer) continue;
    if (core.connections.fetch_add(1) >= core.limits.connections) {
      --core.connections;
      ++core.turned_away;
      continue;
    }
    ++core.accepted;
    socket.non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    runtime::Spawn(thread->context,
                   ServeConnection(std::move(socket), thread->set, AddressText(peer.address())));
  }
}

asio::awaitable<void> SweepRegularly(std::shared_ptr<Thread> thread) {
  const Limits& limits = thread->set->core->limits;
  auto shortest = std::min({limits.head_timeout, limits.body_timeout, limits.idle_timeout});
  auto tick = std::clamp<std::chrono::milliseconds>(shortest / 8, std::chrono::milliseconds(5),
                                                    std::chrono::milliseconds(500));
  for (;;) {
    thread->sweep_timer.expires_after(tick);
    co_await thread->sweep_timer.async_wait(kAsTuple);
    if (thread->set->stopping && !thread->set->first) break;
    thread->set->Sweep();
  }
}

Error FromAsio(const boost::system::error_code& error, std::string_view what) {
  return MakeError(ErrorKind::kIo, "{}: {}", what, error.message());
}

Result<tcp::endpoint> ResolveAddress(asio::io_context& context, const std::string& host,
                                     uint16_t port) {
  boost::system::error_code error;
  auto address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, port);
  tcp::resolver resolver(context);
  auto found = resolver.resolve(host, std::to_string(port), error);
  if (error || found.empty()) return Fail(FromAsio(error, "cannot resolve " + host));
  return found.begin()->endpoint();
}

// WHY: with SO_REUSEPORT a second server on the same port would not fail but share the clients. A
// socket without the option finds out.
Result<void> CheckPortIsFree(asio::io_context& context, const tcp::endpoint& endpoint,
                             const std::string& name) {
  if (endpoint.port() == 0) return {};
  boost::system::error_code error;
  Acceptor probe(context);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (error) return Fail(FromAsio(error, "cannot listen on " + name));
  return {};
}

class ThreadedListener : public Listener {
 public:
  ~ThreadedListener() override { Stop(std::chrono::milliseconds(0)); }

  Result<void> Bind(runtime::IoThreads& threads, const std::string& host, uint16_t port,
                    std::shared_ptr<ListenerCore> core) {
    core_ = std::move(core);
    std::string name = host + ":" + std::to_string(port);
    TM_TRY(auto endpoint, ResolveAddress(threads.context(0), host, port));
    TM_TRYV(CheckPortIsFree(threads.context(0), endpoint, name));
    for (size_t i = 0; i < threads.size(); ++i) {
      auto thread = std::make_shared<Thread>(threads.context(i));
      thread->set->core = core_;
      thread->set->now = std::chrono::steady_clock::now();
      boost::system::error_code error;
      Acceptor& acceptor = thread->acceptor;
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) acceptor.set_option(ReusePort(true), error);
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
      if (!error) endpoint.port(acceptor.local_endpoint(error).port());
      if (error) return Fail(FromAsio(error, "cannot listen on " + name));
      threads_.push_back(std::move(thread));
    }
    port_ = endpoint.port();
    for (auto& thread : threads_) {
      runtime::Spawn(thread->context, Accept(thread));
      runtime::Spawn(thread->context, SweepRegularly(thread));
    }
    accepting_ = true;
    return {};
  }

  uint16_t port() const override { return port_; }

  ListenerStats Stats() const override {
    return {.open = core_->connections,
            .accepted = core_->accepted,
            .turned_away = core_->turned_away,
            .refused = core_->refused};
  }

  void Stop(std::chrono::milliseconds deadline) override {
    if (!accepting_) return;
    accepting_ = false;
    auto until = std::chrono::steady_clock::now() + deadline;
    bool running = OnEachThread([](Thread& thread) {
      boost::system::error_code ignored;
      thread.acceptor.close(ignored);
      thread.pause.cancel();
      thread.set->BeginStop();
    });
    if (running) {
      std::unique_lock lock(core_->mutex);
      core_->changed.wait_until(lock, until, [&] { return core_->connections == 0; });
    }
    OnEachThread([](Thread& thread) {
      thread.set->CutAll();
      thread.sweep_timer.cancel();
    });
    threads_.clear();
  }

 private:
  // Runs `action` on every I/O thread and waits for it, as far as the threads are running.
  template <class Action>
  bool OnEachThread(Action action) {
    bool all = true;
    std::vector<std::future<void>> done;
    for (auto& thread : threads_) {
      if (thread->context.stopped()) {
        all = false;
        continue;
      }
      auto promise = std::make_shared<std::promise<void>>();
      done.push_back(promise->get_future());
      asio::post(thread->context, [thread, action, promise] {
        action(*thread);
        promise->set_value();
      });
    }
    for (auto& future : done)
      all &= future.wait_for(std::chrono::seconds(1)) == std::future_status::ready;
    return all;
  }

  std::shared_ptr<ListenerCore> core_;
  std::vector<std::shared_ptr<Thread>> threads_;
  uint16_t port_ = 0;
  bool accepting_ = false;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(runtime::IoThreads& threads,
                                                 const std::string& host, uint16_t port,
                                                 Limits limits, Handler handler, Refusal refusal) {
  auto core = std::make_shared<ListenerCore>();
  core->limits = limits;
  core->handler = std::move(handler);
  core->refusal = std::move(refusal);
  auto listener = std::make_unique<ThreadedListener>();
  TM_TRYV(listener->Bind(threads, host, port, std::move(core)));
  return listener;
}

}  // namespace tidemark::http
