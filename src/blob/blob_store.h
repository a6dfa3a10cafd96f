// Where backups lie once they leave the table's own disk: blobs, written whole, found by name.
// A directory (local/), S3-compatible storage (s3/), memory (mem/); decorators in decorators/.
// Every implementation runs the contract suite (contract.h).
//
// A blob is seen whole or not at all: a put that fails, or is cut by a crash, leaves what was there
// before. A put over a blob replaces it. Of puts of one name at the same time one stays, whole.
//
// Names: 1 to 1,024 bytes of UTF-8 without control characters, any otherwise ("..", "//", a slash
// at the end); they are told apart, and listed, by their bytes. Stores with a prefix take fewer.
//
// Checksums: a store keeps the SHA-256 of every blob with it, compares it with what it reads from
// the source, and with what a Get of the whole blob reads. A Get of a part is checked for its
// length; what is in it is for the reader's own seals.
//
// Blocking, for worker threads only. Thread-safe. Errors, besides those of each call:
// kUnavailable   a retry may help (time-out, reset, busy); a put or delete may have happened
// kIo, kNoSpace  the store's disk; kAccessDenied  the store refuses our credentials
// kCancelled     a pause was ended because the process stops
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_source.h"
#include "crypto/hash.h"

namespace tidemark::blob {

constexpr size_t kNameBytesMax = 1024;
constexpr size_t kListPageMax = 1000;

// The store itself refuses to delete the blob before `until`. Put what is retained on the condition
// that nothing is there: a put over it would hide it.
struct Retention {
  enum class Mode {
    kGovernance,  // whoever has a special permission may still
    kCompliance,  // nobody
  };
  Mode mode = Mode::kGovernance;
  Timestamp until{};  // whole seconds
  bool operator==(const Retention&) const = default;
};

struct BlobInfo {
  uint64_t bytes = 0;
  crypto::Digest256 sha256{};
  std::string writer;  // PutOptions::writer of the put that made it
  std::optional<Retention> retention;
};

struct PutOptions {
  // kAlreadyExists if there is a blob of that name, which stays as it is; of several such puts at
  // the same time exactly one succeeds.
  bool only_if_absent = false;
  // What the source is known to hold. kCorruption if it holds something else.
  std::optional<crypto::Digest256> sha256;
  // Names this put: 16 lower-case hex digits. Whoever repeats a put whose outcome is unknown gives
  // the same and so knows its own blob again. Empty: the store makes one.
  std::string writer;
  // Only where Capabilities::retention says so; kValidation elsewhere.
  std::optional<Retention> retention;
};

constexpr uint64_t kToTheEnd = UINT64_MAX;

struct ByteRange {
  uint64_t offset = 0;
  uint64_t bytes = kToTheEnd;
};

struct BlobPart {
  BlobInfo info;  // of the blob that `bytes` is of; retention is left out
  Bytes bytes;
};

struct ListQuery {
  std::string prefix;           // of names; empty: all
  std::string after;            // names behind this one; empty: from the first
  size_t limit = kListPageMax;  // 1 to kListPageMax
};

struct ListedBlob {
  std::string name;
  uint64_t bytes = 0;
};

struct ListPage {
  std::vector<ListedBlob> blobs;  // in order of name
  bool more = false;              // ask again, after the last
};

struct Capabilities {
  bool retention = false;
  uint64_t conditional_bytes_max = UINT64_MAX;  // of a blob put with only_if_absent
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  virtual Capabilities capabilities() const = 0;

  // Durable: yes, the blob and its name. Errors: kAlreadyExists, kCorruption, kValidation (name,
  // options), those of the source.
  virtual Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                               const PutOptions& options) = 0;

  // What of the range lies behind the blob's end is not there: fewer bytes, or none, is no error.
  // Memory: as much as the range, so ask for pieces (transfer.h). Errors: kNotFound; kCorruption:
  // the bytes are not what was put; names the blob.
  virtual Result<BlobPart> Get(std::string_view name, ByteRange range) = 0;

  virtual Result<BlobInfo> Head(std::string_view name) = 0;  // kNotFound

  // Sees every blob whose put was answered before it was called, and none whose delete was. Those
  // put or deleted meanwhile may be seen or not.
  virtual Result<ListPage> List(const ListQuery& query) = 0;

  // Durable. What is not there counts as deleted. Errors: kAccessDenied: its retention.
  virtual Result<void> Delete(std::string_view name) = 0;

  // Removes what puts that began before `before`, and were cut off by a crash, left in the store
  // and nobody sees. Gives how many; 0 where there is no such thing.
  virtual Result<size_t> Sweep(Timestamp before) = 0;
};

// kValidation for what is no name, or longer than `bytes_max`.
Result<void> CheckName(std::string_view name, size_t bytes_max = kNameBytesMax);
Result<void> CheckQuery(const ListQuery& query);

std::string NewWriter();  // for PutOptions::writer
bool IsWriter(std::string_view text);

}  // namespace tidemark::blob
