// The requests of the load: items of about 1 KiB with ten attributes, ten items to a partition.
//
// A signature covers the body, not the connection, so a set of signed requests is made once and
// sent again and again until its time runs out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bench/load_client.h"
#include "sigv4/signer.h"

namespace tidemark::load {

constexpr size_t kItemsPerPartition = 10;

struct Target {
  std::string host;
  uint16_t port = 0;
  std::string access_key;
  std::string secret;
  std::string region;
  std::string table;
  size_t tables = 1;  // more than one: TABLE-0000, TABLE-0001 ..., each request on one of them
  size_t repeat = 1;  // so often each item that is filled in has its random text
};

// The name of one of the target's tables.
std::string TableName(const Target& target, uint64_t index);

enum class Operation {
  kGet,
  kPut,
  kUpdate,
  kQuery,
  kScan,  // of a segment of 1,000 items, about 1 MB: one page
  kHot,
  kBatchGet,       // 10 items
  kBatchWrite,     // puts of 10 items
  kTransactGet,    // 4 items
  kTransactWrite,  // updates of 4 items, without a token
};

// Bodies of requests; `number` names an item, 0..items. Those of several items name some behind it.
std::string CreateTableBody(const std::string& table);
std::string DescribeTableBody(const std::string& table);
// `repeat`: so often it has its 800 random letters.
std::string ItemJson(uint64_t number, std::mt19937_64& random, size_t repeat = 1);
std::string OperationBody(Operation operation, const std::string& table, uint64_t number,
                          uint64_t items, std::mt19937_64& random);

// Turns bodies into signed requests as they go over the wire. Not thread-safe.
class RequestSigner {
 public:
  explicit RequestSigner(const Target& target);
  std::string Wire(std::string_view operation_name, std::string_view body);

 private:
  const std::string host_;
  sigv4::Signer signer_;
  SystemClock clock_;
};

struct SignedRequest {
  std::string wire;
  std::string expected;  // stands in a right answer's body
};
using RequestSet = std::vector<SignedRequest>;

// `count` distinct requests on items (and tables) drawn at random, uniformly. kHot: all on one
// item.
std::shared_ptr<const RequestSet> MakeRequestSet(const Target& target, Operation operation,
                                                 uint64_t items, size_t count, uint64_t seed);

// The set all threads use; replaced while they run, before its signatures are too old.
class SharedRequestSet {
 public:
  explicit SharedRequestSet(std::shared_ptr<const RequestSet> set) : set_(std::move(set)) {}
  std::shared_ptr<const RequestSet> Get() const;
  void Replace(std::shared_ptr<const RequestSet> set);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const RequestSet> set_;  // shared: threads finish with the old one at leisure
};

// One thread's walk through the shared set.
class RepeatedSource : public Source {
 public:
  RepeatedSource(const SharedRequestSet& shared, size_t connections, size_t start);
  std::optional<std::string_view> Next(size_t connection) override;
  std::optional<std::string> Check(size_t connection, const Answer& answer) override;

 private:
  static constexpr uint64_t kSampleEvery = 128;   // bodies looked at
  static constexpr uint64_t kRefreshEvery = 512;  // requests between looks for a newer set

  // `set` keeps the request alive while the connection waits for its answer.
  struct Sent {
    std::shared_ptr<const RequestSet> set;
    const SignedRequest* request = nullptr;
  };

  const SharedRequestSet& shared_;
  std::shared_ptr<const RequestSet> set_;
  std::vector<Sent> sent_;
  size_t next_;
  uint64_t given_ = 0;
  uint64_t checked_ = 0;
};

// Fills items [begin, end) with BatchWriteItem; what the server leaves unprocessed is sent again.
class FillSource : public Source {
 public:
  FillSource(const Target& target, size_t connections, uint64_t begin, uint64_t end);
  std::optional<std::string_view> Next(size_t connection) override;
  std::optional<std::string> Check(size_t connection, const Answer& answer) override;

 private:
  struct Batch {
    uint64_t begin = 0;
    uint64_t end = 0;
    bool again = false;
    std::string wire;
  };

  const Target& target_;
  RequestSigner signer_;
  std::mt19937_64 random_;
  std::vector<Batch> batches_;  // by connection
  uint64_t next_;
  const uint64_t end_;
};

}  // namespace tidemark::load
