#include "runtime/io_threads.h"

#include <exception>
#include <optional>
#include <thread>

#include "base/assert.h"
#include "base/log.h"
#include "runtime/context_gate.h"

namespace tidemark::runtime {

struct IoThreads::State {
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;
  struct Entry {
    asio::io_context context{1};
    std::optional<Guard> guard;
    std::thread thread;
  };
  std::vector<std::unique_ptr<Entry>> entries;
};

IoThreads::IoThreads(size_t threads) : state_(std::make_unique<State>()) {
  TM_ASSERT(threads > 0);
  for (size_t i = 0; i < threads; ++i) {
    auto entry = std::make_unique<State::Entry>();
    entry->guard.emplace(entry->context.get_executor());
    detail::ContextGate::Of(entry->context);  // made while no thread runs yet
    state_->entries.push_back(std::move(entry));
  }
}

IoThreads::~IoThreads() {
  Stop();
  Join();
}

size_t IoThreads::size() const { return state_->entries.size(); }

asio::io_context& IoThreads::context(size_t index) { return state_->entries[index]->context; }

void IoThreads::Start() {
  for (auto& entry : state_->entries) {
    TM_ASSERT(!entry->thread.joinable());
    entry->thread = std::thread([context = &entry->context] {
      // Coroutines end in Spawn's handler; what arrives here came from a bare handler. It must not
      // take the other requests of this thread with it.
      for (;;) {
        try {
          context->run();
          return;
        } catch (const std::exception& e) {
          LogError("a handler on an I/O thread threw: {}", e.what());
        }
      }
    });
  }
}

void IoThreads::Stop() {
  for (auto& entry : state_->entries) entry->context.stop();
}

void IoThreads::Join() {
  for (auto& entry : state_->entries)
    if (entry->thread.joinable()) entry->thread.join();
}

void Spawn(asio::io_context& context, asio::awaitable<void> task) {
  asio::co_spawn(context, std::move(task), [](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      LogError("a task threw: {}", e.what());
    } catch (...) {
      LogError("a task threw something that is no exception");
    }
  });
}

}  // namespace tidemark::runtime
