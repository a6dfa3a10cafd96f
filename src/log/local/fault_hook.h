// The fault hook of the tests: a function that sees every call to the disk.
#pragma once
#include <functional>

#include "base/file_hook.h"

namespace tidemark::log {

// In place while it lives. The function gives the errno a call is to fail with, or 0; it is called
// from the writer's, the helper's and readers' threads.
class HookedFiles : public FileHook {
 public:
  explicit HookedFiles(std::function<int(const FileCall&)> faults) : faults_(std::move(faults)) {
    SetFileHook(this);
  }
  ~HookedFiles() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override { return faults_(call); }

 private:
  const std::function<int(const FileCall&)> faults_;
};

}  // namespace tidemark::log
