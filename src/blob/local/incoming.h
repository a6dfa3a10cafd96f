// The directory in which a local store's blobs are made and unmade, apart from those that count.
// Every process that uses the store has one of its own in there, locked while it lives; what
// processes that are gone have left is removed when the next one comes.
#pragma once
#include <atomic>
#include <string>

#include "base/open_file.h"
#include "base/result.h"

namespace tidemark::blob {

class Incoming {
 public:
  // `directory`, which is there, belongs to this class alone.
  static Result<Incoming> Open(const std::string& directory);
  Incoming(Incoming&& other) noexcept;
  Incoming& operator=(Incoming&&) = delete;
  ~Incoming();

  std::string NewPath();  // of nothing that is there; thread-safe

 private:
  Incoming(std::string own, OpenFile lock) : own_(std::move(own)), lock_(std::move(lock)) {}

  std::string own_;
  OpenFile lock_;  // the directory itself
  std::atomic<uint64_t> next_{0};
};

}  // namespace tidemark::blob
