// A fault hook that asks a function, for as long as it lives. Declare it before what uses files:
// it must outlive their threads.
#pragma once
#include <functional>
#include <mutex>
#include <utility>

#include "base/file_hook.h"

namespace tidemark::engine {

class TestHook : public FileHook {
 public:
  using Rule = std::function<int(const FileCall&)>;
  explicit TestHook(Rule rule = nullptr) : rule_(std::move(rule)) { SetFileHook(this); }
  ~TestHook() override { SetFileHook(nullptr); }
  TestHook(const TestHook&) = delete;
  TestHook& operator=(const TestHook&) = delete;

  // Null: let everything pass. Rules run one call at a time and must not block.
  void Set(Rule rule) {
    std::lock_guard lock(mutex_);
    rule_ = std::move(rule);
  }

  int Before(const FileCall& call) override {
    std::lock_guard lock(mutex_);
    return rule_ ? rule_(call) : 0;
  }

 private:
  std::mutex mutex_;
  Rule rule_;
};

}  // namespace tidemark::engine
