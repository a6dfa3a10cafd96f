// What the tests of the local log share: a directory, small segments, payloads that name
// themselves.
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/test_directory.h"
#include "log/local/begin_segment.h"
#include "log/local/fake_keys.h"
#include "log/local/fault_hook.h"
#include "log/local/local_log.h"

namespace tidemark::log {

class LocalLogFixture : public testing::Test {
 protected:
  static constexpr uint32_t kSegmentBytes = 64 << 10;

  Result<std::unique_ptr<CommitLog>> TryOpen() {
    return OpenLocalLog({.directory = path_, .segment_bytes = kSegmentBytes}, keys_,
                        TheSystemRandom());
  }
  std::unique_ptr<CommitLog> Open() {
    auto log = TryOpen();
    if (!log) ADD_FAILURE() << log.error().message;
    return log ? std::move(*log) : nullptr;
  }
  // The error of an opening that must fail.
  Error OpenError() {
    auto log = TryOpen();
    if (log) ADD_FAILURE() << "the log opened";
    return log ? Error{} : log.error();
  }

  // Appends `count` payloads of about `bytes` and remembers them.
  void Append(CommitLog& log, int count, size_t bytes = 9000) {
    for (int i = 0; i < count; ++i) {
      Bytes payload = Bytes(bytes, 'x') + std::to_string(written_.size());
      int64_t micros = 1000 + static_cast<int64_t>(written_.size());
      auto position = log.Append(
          payload, {.first_commit = FromMicros(micros), .last_commit = FromMicros(micros)});
      ASSERT_TRUE(position) << position.error().message;
      written_.push_back(payload);
      positions_.push_back(*position);
    }
  }

  static std::vector<Bytes> ReadAll(CommitLog& log) {
    auto reader = log.Read({});
    if (!reader) ADD_FAILURE() << reader.error().message;
    std::vector<Bytes> payloads;
    while (true) {
      auto frame = (*reader)->Next();
      if (!frame) ADD_FAILURE() << frame.error().message;
      if (!frame || !*frame) return payloads;
      payloads.push_back((*frame)->payload);
    }
  }

  std::filesystem::path Segment(uint32_t number) const { return SegmentPath(path_, number); }

  static void Overwrite(const std::filesystem::path& path, uint64_t offset, BytesView bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good());
  }
  static Bytes ReadFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }
  static void FlipBit(const std::filesystem::path& path, uint64_t offset) {
    Bytes bytes = ReadFile(path);
    char flipped = static_cast<char>(bytes.at(offset) ^ 0x10);
    Overwrite(path, offset, {&flipped, 1});
  }

  TestDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "log";
  FakeKeys keys_;
  std::vector<Bytes> written_;
  std::vector<Position> positions_;
};

}  // namespace tidemark::log
