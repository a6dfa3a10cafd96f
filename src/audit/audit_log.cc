#include "audit/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/log.h"

namespace tidemark::audit {
namespace {

constexpr std::chrono::seconds kHeadInterval{1};

Result<void> WriteAll(int file, std::string_view bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(FromErrno(errno, "writing " + what));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (::fdatasync(file) != 0) return Fail(FromErrno(errno, "syncing " + what));
  return {};
}

// Adds to `page` what is wanted of a file, newest first. True: there is no need to look further.
Result<bool> FindInFile(std::string_view content, const Query& query, QueryPage* page) {
  codec::JsonParser parser;
  std::string_view rest = content.substr(0, content.rfind('\n') + 1);
  while (!rest.empty()) {
    const size_t begin = rest.size() < 2 ? 0 : rest.rfind('\n', rest.size() - 2) + 1;
    const std::string_view line = rest.substr(begin, rest.size() - begin - 1);
    rest = rest.substr(0, begin);
    TM_TRY(const auto json, parser.Parse(line));
    uint64_t number = 0;
    if (json["seq"].get(number) != simdjson::SUCCESS || (query.before && number >= *query.before))
      continue;
    TM_TRY(auto event, ReadEvent(json));
    if (query.from && event.time < *query.from) return true;
    const bool wanted = event.account == query.account &&
                        (!query.until || event.time <= *query.until) &&
                        (!query.matches || query.matches(event));
    if (!wanted) continue;
    page->events.push_back(std::move(event));
    if (page->events.size() < query.limit) continue;
    page->more_before = number;
    return true;
  }
  return false;
}

}  // namespace

AuditLog::AuditLog(std::string directory, const crypto::Key256& key, const Clock& clock,
                   AuditOptions options)
    : directory_(std::move(directory)), key_(key.view()), clock_(clock), options_(options) {}

AuditLog::~AuditLog() {
  pool_.Stop();
  if (file_ < 0) return;  // it did not open: what is there stays as it is
  if (auto done = Flush(); !done) LogError("audit log: {}", done.error().message);
  std::lock_guard lock(file_mutex_);
  if (auto done = StoreHead(); !done) LogError("audit log: {}", done.error().message);
  ::close(file_);
}

Result<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& directory,
                                                 const crypto::Key256& key, const Clock& real_clock,
                                                 AuditOptions options) {
  TM_TRYV(MakeDirectories(directory));
  std::unique_ptr<AuditLog> log(new AuditLog(directory, key, real_clock, options));
  std::lock_guard lock(log->file_mutex_);
  TM_TRYV(log->Continue());
  return log;
}

Result<void> AuditLog::Continue() {
  const auto head = ReadFile(directory_ + "/" + kHeadFile);
  if (head) {
    TM_TRY(head_, DecodeHead(key_, *head));
  } else if (head.error().kind != ErrorKind::kNotFound) {
    return Fail(head.error());
  }
  const uint64_t known = head_.last.sequence;
  TM_TRY(files_, FilesIn(directory_));
  if (!head && !files_.empty())
    return Fail(ErrorKind::kCorruption, "the audit log in {} has lost its head", directory_);
  // Before the first file, so that a crash in between leaves no file without a head.
  if (!head) TM_TRYV(StoreHead());
  if (!files_.empty()) TM_TRYV(ReadLast(files_.back()));
  if (head_.last.sequence < known) {
    return Fail(ErrorKind::kCorruption, "the audit log in {} ends with line {}, but it had {}",
                directory_, head_.last.sequence, known);
  }
  // A start begins a file, so the last one is never written to again.
  TM_TRYV(OpenFile(head_.last.sequence + 1));
  return StoreHead();
}

// Moves the head to the last whole line of a file; cuts off what a crash left behind it.
Result<void> AuditLog::ReadLast(uint64_t first) {
  const std::string path = directory_ + "/" + FileNameOf(first);
  TM_TRY(const Bytes content, ReadFile(path));
  const size_t whole = content.rfind('\n') + 1;  // 0: no line
  std::string_view rest = std::string_view(content).substr(0, whole);
  Link link;
  for (bool begin = true; !rest.empty(); begin = false) {
    const size_t end = rest.find('\n');
    TM_TRYV(CheckLine(key_, rest.substr(0, end), begin, &link));
    rest.remove_prefix(end + 1);
  }
  if (whole < content.size() && ::truncate(path.c_str(), static_cast<off_t>(whole)) != 0)
    return Fail(FromErrno(errno, "cutting " + path));
  if (whole > 0) {
    head_.last = link;
    return {};
  }
  // Begun, and nothing came: the file before it tells.
  TM_TRYV(RemoveFile(path));
  files_.pop_back();
  return files_.empty() ? Result<void>() : ReadLast(files_.back());
}

Result<void> AuditLog::OpenFile(uint64_t first) {
  const std::string path = directory_ + "/" + FileNameOf(first);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Fail(FromErrno(errno, "opening " + path));
  if (file_ >= 0) ::close(file_);
  file_ = file;
  file_size_ = 0;
  file_made_ = clock_.Now();
  files_.push_back(first);
  return SyncDirectory(directory_);
}

Result<void> AuditLog::StoreHead() {
  head_stored_ = clock_.Now();
  if (!files_.empty()) head_.first = files_.front();
  return ReplaceFile(directory_ + "/" + kHeadFile, EncodeHead(key_, head_));
}

bool AuditLog::Post(Event event) {
  std::lock_guard lock(waiting_mutex_);
  if (waiting_.size() >= options_.waiting_max) {
    ++figures_.refused;
    return false;
  }
  waiting_.push_back(std::move(event));
  ++posted_;
  // One who flushes takes all that wait.
  if (waiting_.size() > 1) return true;
  return pool_.Submit([this] {
    if (auto done = Flush(); !done) LogError("audit log: {}", done.error().message);
  });
}

Task<void> AuditLog::Append(Event event) {
  uint64_t number = 0;
  {
    std::lock_guard lock(waiting_mutex_);
    if (waiting_.size() >= options_.waiting_max) {
      ++figures_.refused;
      co_return Fail(ErrorKind::kUnavailable, "the audit log is behind");
    }
    waiting_.push_back(std::move(event));
    number = ++posted_;
  }
  auto flush = [this, number]() -> Result<void> {
    {
      std::lock_guard lock(waiting_mutex_);
      if (number >= failed_from_ && number <= failed_to_) return failure_;
      if (settled_ >= number) return {};
    }
    return Flush();
  };
  co_return co_await runtime::Blocking(pool_, flush);
}

Result<void> AuditLog::Flush() {
  std::lock_guard file(file_mutex_);
  std::vector<Event> events;
  {
    std::lock_guard lock(waiting_mutex_);
    events.swap(waiting_);
  }
  auto written = events.empty() ? Result<void>() : Write(events);
  std::lock_guard lock(waiting_mutex_);
  if (!written) {
    if (failed_to_ != settled_) failed_from_ = settled_ + 1;
    failed_to_ = settled_ + events.size();
    failure_ = written;
  }
  settled_ += events.size();
  (written ? figures_.lines : figures_.refused) += events.size();
  return written;
}

Result<void> AuditLog::Write(const std::vector<Event>& events) {
  const Timestamp now = clock_.Now();
  if (file_size_ >= options_.file_bytes ||
      (file_size_ > 0 && now - file_made_ >= options_.file_age)) {
    TM_TRYV(StoreHead());
    TM_TRYV(OpenFile(head_.last.sequence + 1));
  }
  std::string lines;
  Link link = head_.last;
  for (const Event& event : events) AppendLine(key_, event, &link, &lines);
  auto written = WriteAll(file_, lines, directory_);
  if (!written) {
    // What of it is on disk nobody knows: it is cut off, so that the chain goes on behind what is.
    if (::ftruncate(file_, static_cast<off_t>(file_size_)) != 0)
      LogError("audit log: {} may hold lines twice: verify it", directory_);
    return written;
  }
  file_size_ += lines.size();
  head_.last = link;
  if (now - head_stored_ >= kHeadInterval || now < head_stored_) TM_TRYV(StoreHead());
  return {};
}

void AuditLog::Maintain() {
  const Timestamp now = clock_.Now();
  std::lock_guard lock(file_mutex_);
  // A file's newest line is no newer than the first of the next one.
  size_t old = 0;
  while (old + 1 < files_.size()) {
    const auto content = ReadFile(directory_ + "/" + FileNameOf(files_[old + 1]));
    codec::JsonParser parser;
    const auto line = content ? parser.Parse(content->substr(0, content->find('\n')))
                              : Result<codec::JsonValue>(Fail(content.error()));
    const auto event = line ? ReadEvent(*line) : Result<Event>(Fail(line.error()));
    if (!event || event->time + options_.retention > now) break;
    ++old;
  }
  if (old == 0) return;
  const std::vector<uint64_t> gone(files_.begin(), files_.begin() + static_cast<ptrdiff_t>(old));
  files_.erase(files_.begin(), files_.begin() + static_cast<ptrdiff_t>(old));
  // The head first: what is left behind by a crash is more than it says, never less.
  auto done = StoreHead();
  for (const uint64_t first : gone) {
    if (done) done = RemoveFile(directory_ + "/" + FileNameOf(first));
  }
  if (!done) LogWarn("old files of the audit log remain: {}", done.error().message);
}

AuditLog::Figures AuditLog::figures() const {
  std::lock_guard lock(waiting_mutex_);
  return figures_;
}

Result<QueryPage> AuditLog::Find(const Query& query) {
  // What waits was answered before this was asked.
  if (auto done = Flush(); !done) LogError("audit log: {}", done.error().message);
  TM_TRY(auto files, FilesIn(directory_));
  std::ranges::reverse(files);
  QueryPage page;
  uint64_t read = 0;
  std::optional<uint64_t> before = query.before;  // lines from here on are done
  for (const uint64_t first : files) {
    if (query.before && first >= *query.before) continue;
    if (read > options_.lookup_bytes_max) {
      page.more_before = before;
      return page;
    }
    const auto content = ReadFile(directory_ + "/" + FileNameOf(first));
    if (!content && content.error().kind == ErrorKind::kNotFound) continue;  // removed meanwhile
    if (!content) return Fail(content.error());
    read += content->size();
    before = first;
    TM_TRY(const bool done, FindInFile(*content, query, &page));
    if (done) return page;
  }
  return page;
}

}  // namespace tidemark::audit
