// The thread that sends what is in the outbox (notifications.h). A notice goes out of it once each
// sink has it, so each gets it at least once, whatever crash comes; twice if the crash came
// between. What fails is tried again, later and later, for three days.
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "vault/notification_sinks.h"
#include "vault/vault_store.h"

namespace tidemark::vault {

// Of one sink.
struct NotifierFigures {
  std::string_view sink;
  uint64_t sent = 0, failed = 0, given_up = 0;  // failed: attempts
  uint64_t waiting = 0;
};

class Notifier {
 public:
  // `now`: of a Region.
  Notifier(VaultStore& store, NotificationSinks sinks, std::function<Timestamp(const Region&)> now);
  ~Notifier() { Stop(); }

  void Start();
  // Waits for the attempt at hand, which is cut short. Once or more often.
  void Stop();
  std::vector<NotifierFigures> Figures() const;

 private:
  struct Sink {
    std::unique_ptr<NotificationSink> to;
    std::atomic<uint64_t> sent{0}, failed{0}, given_up{0};
    int failures = 0;  // in a row
    std::chrono::steady_clock::time_point pause{};
  };
  struct Attempts {
    int failures = 0;
    std::chrono::steady_clock::time_point next{};
  };

  void Run();
  void SendAll();
  // Whether the sink needs it no longer.
  bool SendOne(const NoticeRecord& notice, Sink& sink);
  bool GiveUp(const NoticeRecord& notice, Sink& sink, const std::string& why);  // true
  // False: that is not stored.
  bool Done(const NoticeRecord& notice, const std::string& sink);

  VaultStore& store_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  const std::function<Timestamp(const Region&)> now_;
  std::map<std::string, Attempts> attempts_;  // by notice and sink; of those that failed

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tidemark::vault
