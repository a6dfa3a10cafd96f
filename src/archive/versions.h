// Streams of row versions by (key, commit time descending), and merging them. Keys ascend, or
// descend where a stream is called reverse.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidemark::archive {

// One state of one row, and who made it.
struct RowVersion {
  BytesView key;
  Timestamp time{};
  std::optional<BytesView> value;  // null: deleted
  BytesView access_key;            // empty: the server itself
  BytesView request_id;
};

// The same, owning what it says.
struct KeptVersion {
  Bytes key;
  Timestamp time{};
  std::optional<Bytes> value;
  Bytes access_key;
  Bytes request_id;

  KeptVersion() = default;
  explicit KeptVersion(const RowVersion& row)
      : key(row.key),
        time(row.time),
        value(row.value ? std::optional<Bytes>(*row.value) : std::nullopt),
        access_key(row.access_key),
        request_id(row.request_id) {}
  RowVersion View() const {
    return {key, time, value ? std::optional<BytesView>(*value) : std::nullopt, access_key,
            request_id};
  }
};

// One thread.
class VersionStream {
 public:
  virtual ~VersionStream() = default;
  // Null at the end. Views hold until the next call.
  virtual Result<const RowVersion*> Next() = 0;
};

// All versions of all streams in one order. Holds one version of each at a time.
std::unique_ptr<VersionStream> MergeVersions(std::vector<std::unique_ptr<VersionStream>> streams,
                                             bool reverse = false);

// Of each row only the newest version at or before `until`.
class NewestVersions : public VersionStream {
 public:
  NewestVersions(std::unique_ptr<VersionStream> all, Timestamp until)
      : all_(std::move(all)), until_(until) {}
  Result<const RowVersion*> Next() override;
  uint64_t seen() const { return seen_; }  // versions at or before `until`, newest or not

 private:
  std::unique_ptr<VersionStream> all_;
  const Timestamp until_;
  std::optional<Bytes> last_key_;
  uint64_t seen_ = 0;
};

}  // namespace tidemark::archive
