// Where notifications are sent: a file, or a web server. Blocking; one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "vault/notification_records.h"

namespace tidemark::vault {

class NotificationSink {
 public:
  virtual ~NotificationSink() = default;
  virtual std::string_view name() const = 0;  // static
  // It has it, durably, when this returns. kUnavailable: it takes nothing now; others: not this
  // one.
  virtual Result<void> Send(const NoticeRecord& notice) = 0;
  // Ends an attempt that waits for somebody, within a second or so, and those that come. Any
  // thread.
  virtual void Stop() {}
};
using NotificationSinks = std::vector<std::unique_ptr<NotificationSink>>;

// One line of JSON each, appended and synced; what a crash left of a line is ended by a newline.
// Opens the file, or makes it: kNotFound, kIo.
Result<std::unique_ptr<NotificationSink>> OpenFileSink(const std::string& path);
// POSTs each, with the headers of SNS; any answer 2xx takes it. Connects to nothing yet.
// kValidation: that is no URL.
Result<std::unique_ptr<NotificationSink>> OpenWebhookSink(const std::string& url);

}  // namespace tidemark::vault
