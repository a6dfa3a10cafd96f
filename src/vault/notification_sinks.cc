#include "vault/notification_sinks.h"

#include <fcntl.h>

#include <atomic>

#include "base/files.h"
#include "base/open_file.h"
#include "blob/s3/http_transport.h"

namespace tidemark::vault {

namespace {

class FileSink final : public NotificationSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  std::string_view name() const override { return "file"; }

  // Opened each time, so that it may be moved away.
  Result<OpenFile> OpenForAppending() const {
    auto file = OpenFile::Open(path_, OpenFile::Mode::kWrite);
    if (file || file.error().kind != ErrorKind::kNotFound) return file;
    file = OpenFile::Open(path_, OpenFile::Mode::kCreate);
    if (file) TM_TRYV(SyncDirectory(ParentDirectory(path_)));
    return file;
  }

  Result<void> Send(const NoticeRecord& notice) override {
    TM_TRY(auto file, OpenForAppending());
    // WHY: others may write to it meanwhile; a write at an offset would be over theirs. With this
    // Linux puts every write at the end, whatever its offset.
    if (::fcntl(file.fd(), F_SETFL, O_APPEND) != 0) return FailedCall("fcntl", path_);
    TM_TRY(const uint64_t size, file.Size());
    std::string line;
    if (size > 0) {
      char last = '\n';
      TM_TRYV(file.ReadAt(size - 1, &last, 1));
      if (last != '\n') line = "\n";
    }
    line += notice.body + "\n";
    TM_TRYV(file.WriteAt(size, line));
    return file.SyncAll();
  }

 private:
  const std::string path_;
};

class WebhookSink final : public NotificationSink {
 public:
  explicit WebhookSink(std::string url)
      : url_(std::move(url)), transport_(NewTransport(&stopping_)) {}
  std::string_view name() const override { return "webhook"; }
  void Stop() override { stopping_ = true; }

  Result<void> Send(const NoticeRecord& notice) override {
    constexpr uint64_t kAnswerMax = 1 << 20;
    const blob::MemorySource body(notice.body);
    const auto answer = transport_->Send({.method = "POST",
                                          .url = url_,
                                          .headers = {{"Content-Type", "text/plain; charset=UTF-8"},
                                                      {"x-amz-sns-message-type", "Notification"},
                                                      {"x-amz-sns-message-id", notice.message_id},
                                                      {"x-amz-sns-topic-arn", notice.topic_arn}},
                                          .body = &body,
                                          .answer_bytes_max = kAnswerMax});
    if (!answer && stopping_) return Fail(ErrorKind::kUnavailable, "the server is stopping");
    if (!answer) return Fail(answer.error().kind, "{}", WithoutUrl(answer.error().message));
    const int status = answer->status;
    if (status >= 200 && status < 300) return {};
    const bool passes = status >= 500 || status == 408 || status == 429;
    return Fail(passes ? ErrorKind::kUnavailable : ErrorKind::kIo, "it answered {}", status);
  }

 private:
  // It may hold a password, or be a secret itself.
  std::string WithoutUrl(std::string message) const {
    for (size_t at; (at = message.find(url_)) != message.npos;)
      message.replace(at, url_.size(), "it");
    return message;
  }

  static std::unique_ptr<blob::HttpTransport> NewTransport(const std::atomic<bool>* stopping) {
    return blob::NewCurlTransport({.ca_file = {},
                                   .connect_timeout = Micros(5'000'000),
                                   .stall_timeout = Micros(10'000'000),
                                   .stopping = stopping});
  }

  const std::string url_;
  std::atomic<bool> stopping_{false};
  const std::unique_ptr<blob::HttpTransport> transport_;
};

}  // namespace

Result<std::unique_ptr<NotificationSink>> OpenFileSink(const std::string& path) {
  auto sink = std::make_unique<FileSink>(path);
  TM_TRYV(sink->OpenForAppending());
  return std::unique_ptr<NotificationSink>(std::move(sink));
}

Result<std::unique_ptr<NotificationSink>> OpenWebhookSink(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Fail(ErrorKind::kValidation,
                "--notify-webhook wants a URL that begins with http:// or https://, got '{}'", url);
  }
  return std::unique_ptr<NotificationSink>(std::make_unique<WebhookSink>(url));
}

}  // namespace tidemark::vault
