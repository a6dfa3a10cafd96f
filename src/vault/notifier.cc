#include "vault/notifier.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::milliseconds kLookInterval{100};
constexpr std::chrono::seconds kDelayFirst{1}, kDelayLongest{300};
constexpr std::chrono::days kTriedFor{3};

std::chrono::steady_clock::duration DelayAfterFailures(int failures) {
  return std::min<std::chrono::seconds>(kDelayFirst * (1 << std::min(failures - 1, 10)),
                                        kDelayLongest);
}

}  // namespace

Notifier::Notifier(VaultStore& store, NotificationSinks sinks,
                   std::function<Timestamp(const Region&)> now)
    : store_(store), now_(std::move(now)) {
  for (auto& sink : sinks) {
    sinks_.push_back(std::make_unique<Sink>());
    sinks_.back()->to = std::move(sink);
  }
}

void Notifier::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Notifier::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (const auto& sink : sinks_) sink->to->Stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<NotifierFigures> Notifier::Figures() const {
  std::vector<NotifierFigures> all;
  const auto waiting = store_.Open<NoticeRecord>();
  for (const auto& sink : sinks_) {
    const auto count = std::ranges::count_if(waiting, [&](const auto& notice) {
      return std::ranges::find(notice->sinks, sink->to->name()) != notice->sinks.end();
    });
    all.push_back(
        {sink->to->name(), sink->sent, sink->failed, sink->given_up, static_cast<uint64_t>(count)});
  }
  return all;
}

void Notifier::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    SendAll();
    lock.lock();
    wake_.wait_for(lock, kLookInterval, [&] { return stopping_.load(); });
  }
}

void Notifier::SendAll() {
  for (const auto& notice : store_.Open<NoticeRecord>()) {
    for (const std::string& name : notice->sinks) {
      if (stopping_) return;
      const auto sink =
          std::ranges::find_if(sinks_, [&](const auto& one) { return one->to->name() == name; });
      // The server is started without that sink now.
      if (sink != sinks_.end() && !SendOne(*notice, **sink)) continue;
      if (!Done(*notice, name)) return;
    }
  }
}

bool Notifier::SendOne(const NoticeRecord& notice, Sink& sink) {
  const auto clock = std::chrono::steady_clock::now();
  const bool is_over = now_(notice.region) >= notice.created + kTriedFor;
  if (clock < sink.pause) return is_over && GiveUp(notice, sink, "it does not answer");
  const std::string key = fmt::format("{} {}", PathOf(notice), sink.to->name());
  const auto known = attempts_.find(key);
  if (known != attempts_.end() && clock < known->second.next) return false;
  const auto sent = sink.to->Send(notice);
  if (sent) {
    ++sink.sent;
    sink.failures = 0;
    attempts_.erase(key);
    return true;
  }
  if (stopping_) return false;  // it was cut short
  ++sink.failed;
  Attempts& attempts = attempts_[key];
  attempts.next = clock + DelayAfterFailures(++attempts.failures);
  if (sent.error().kind == ErrorKind::kUnavailable)
    sink.pause = clock + DelayAfterFailures(++sink.failures);
  if (!is_over) {
    LogWarn("notification {} is not sent to the {} yet, which is tried again: {}",
            notice.message_id, sink.to->name(), sent.error().message);
    return false;
  }
  return GiveUp(notice, sink, sent.error().message);
}

bool Notifier::GiveUp(const NoticeRecord& notice, Sink& sink, const std::string& why) {
  ++sink.given_up;
  attempts_.erase(fmt::format("{} {}", PathOf(notice), sink.to->name()));
  LogError("notification {} is given up after three days: {}: {}", notice.message_id, why,
           notice.body);
  return true;
}

bool Notifier::Done(const NoticeRecord& notice, const std::string& sink) {
  const auto done = store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<NoticeRecord>(PlaceOf(notice), notice.notice_id);
    if (!newest) return Changes{};
    NoticeRecord left = *newest;
    std::erase(left.sinks, sink);
    if (left.sinks.empty()) return Changes{Erase{PathOf(left)}};
    return Changes{std::move(left)};
  });
  if (done) return true;
  LogWarn("notification {} may be sent again: {}", notice.message_id, done.error().message);
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kDelayFirst, [&] { return stopping_.load(); });
  return false;
}

}  // namespace tidemark::vault
