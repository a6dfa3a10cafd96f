// A directory of a test's own, removed with it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/assert.h"

namespace tidemark {

class TestDirectory {
 public:
  TestDirectory() : TestDirectory(std::filesystem::temp_directory_path()) {}
  // Where syncs cost nothing, if there is such a place: for tests that do many and test none.
  static TestDirectory InMemory() {
    const std::filesystem::path shared = "/dev/shm";
    return TestDirectory(std::filesystem::exists(shared) ? shared
                                                         : std::filesystem::temp_directory_path());
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TestDirectory(const std::filesystem::path& parent) {
    std::string name = (parent / "tidemark_test_XXXXXX").string();
    TM_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  std::filesystem::path path_;
};

}  // namespace tidemark
