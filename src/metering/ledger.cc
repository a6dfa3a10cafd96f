#include "metering/ledger.h"

#include <charconv>

namespace tidemark::metering {
namespace {

// An id that no random table gets.
TableId LedgerTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000009"); }

constexpr std::string_view kOpen = "open/";
constexpr std::string_view kEnded = "ended/";
constexpr std::string_view kMark = "mark/";
constexpr size_t kErasedAtOnce = 500;

std::string EndOf(std::string prefix) {  // of the rows that begin with it
  ++prefix.back();
  return prefix;
}

std::string EndedPrefix(const AccountId& account) {
  return fmt::format("{}{}/", kEnded, account.value);
}

std::string EndedPath(const Entry& entry) {
  return fmt::format("{}{:020}/{}/{}/{}", EndedPrefix(entry.account), ToMicros(entry.until),
                     entry.region.value, ToString(entry.kind), entry.id);
}

Result<Timestamp> ReadMark(std::string_view text) {
  int64_t micros = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), micros);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    return Fail(ErrorKind::kCorruption, "a mark of the ledger does not decode: {}", text);
  return FromMicros(micros);
}

}  // namespace

std::string Ledger::PathOf(const Entry& entry) {
  return fmt::format("{}{}/{}/{}/{}", kOpen, entry.account.value, entry.region.value,
                     ToString(entry.kind), entry.id);
}

Result<std::unique_ptr<Ledger>> Ledger::Open(shard::Shard& system, asio::io_context& context) {
  TM_TRY(auto rows,
         catalog::SystemRows::Open(system, LedgerTableId(), R"({"act":"create ledger"})", context));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(rows)));
  TM_TRYV(ledger->Load());
  return ledger;
}

Result<void> Ledger::Load() {
  const auto open = [this](std::string_view path, BytesView value) -> Result<void> {
    TM_TRY(open_[std::string(path)], DecodeEntry(value));
    return {};
  };
  const auto mark = [this](std::string_view path, BytesView value) -> Result<void> {
    TM_TRY(marks_[Region(std::string(path.substr(kMark.size())))], ReadMark(value));
    return {};
  };
  TM_TRYV(rows_.ForEach(kOpen, EndOf(std::string(kOpen)), open));
  return rows_.ForEach(kMark, EndOf(std::string(kMark)), mark);
}

Ledger::OpenEntries Ledger::open() const {
  std::shared_lock lock(mutex_);
  return open_;
}

std::optional<Timestamp> Ledger::MarkOf(const Region& region) const {
  std::shared_lock lock(mutex_);
  const auto at = marks_.find(region);
  return at == marks_.end() ? std::nullopt : std::optional(at->second);
}

Result<void> Ledger::Apply(const std::function<Changes(const OpenEntries& open)>& act) {
  std::lock_guard writing(writing_);
  Changes changes = act(open_);  // nobody else changes it meanwhile
  std::vector<catalog::RowEdit> edits;
  for (const Entry& entry : changes.open) edits.push_back({PathOf(entry), EncodeEntry(entry)});
  for (const Entry& entry : changes.ended) edits.push_back({EndedPath(entry), EncodeEntry(entry)});
  for (const Entry& entry : changes.closed) {
    edits.push_back({PathOf(entry), std::nullopt});
    edits.push_back({EndedPath(entry), EncodeEntry(entry)});
  }
  for (const auto& [region, time] : changes.marks)
    edits.push_back({std::string(kMark) + region.value, std::to_string(ToMicros(time))});
  TM_TRYV(rows_.Store(std::move(edits)));
  std::unique_lock lock(mutex_);
  for (const Entry& entry : changes.closed) open_.erase(PathOf(entry));
  for (Entry& entry : changes.open) {
    std::string path = PathOf(entry);
    open_[std::move(path)] = std::move(entry);
  }
  for (const auto& [region, time] : changes.marks) marks_[region] = time;
  return {};
}

Result<bool> Ledger::Has(const Entry& ended) const {
  TM_TRY(const auto row, rows_.Get(EndedPath(ended)));
  return row.has_value();
}

Result<void> Ledger::ForEach(const std::optional<AccountId>& account, Timestamp from,
                             const std::function<void(const Entry&)>& visit) const {
  const auto asked = [&](const Entry& entry) {
    return (!account || entry.account == *account) && (entry.IsOpen() || entry.until >= from);
  };
  // What ends, or is cut, between the two looks is told as it was at the first: such an entry began
  // no earlier than the open one that it came from.
  const OpenEntries open = this->open();
  const auto ended = [&](std::string_view, BytesView value) -> Result<void> {
    TM_TRY(const Entry entry, DecodeEntry(value));
    const auto at = open.find(PathOf(entry));
    const bool told = at != open.end() && entry.from >= at->second.from;
    if (asked(entry) && !told) visit(entry);
    return {};
  };
  std::string begin(kEnded), end = EndOf(begin);
  if (account) {
    begin = EndedPrefix(*account);
    end = EndOf(begin);
    begin += fmt::format("{:020}", ToMicros(from));
  }
  TM_TRYV(rows_.ForEach(begin, end, ended));
  for (const auto& [path, entry] : open) {
    if (asked(entry)) visit(entry);
  }
  return {};
}

Result<void> Ledger::Forget(const AccountId& account) {
  std::lock_guard writing(writing_);
  std::vector<std::string> paths;
  for (const auto& [path, entry] : open_) {
    if (entry.account == account) paths.push_back(path);
  }
  const auto ended = [&](std::string_view path, BytesView) -> Result<void> {
    paths.emplace_back(path);
    return {};
  };
  const std::string prefix = EndedPrefix(account);
  TM_TRYV(rows_.ForEach(prefix, EndOf(prefix), ended));
  for (size_t done = 0; done < paths.size(); done += kErasedAtOnce) {
    std::vector<catalog::RowEdit> edits;
    for (size_t i = done; i < std::min(done + kErasedAtOnce, paths.size()); ++i)
      edits.push_back({paths[i], std::nullopt});
    TM_TRYV(rows_.Store(std::move(edits)));
  }
  std::unique_lock lock(mutex_);
  for (const std::string& path : paths) open_.erase(path);
  return {};
}

}  // namespace tidemark::metering
