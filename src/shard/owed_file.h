// The sealed file of an owed run: frames one after another, written once, read front to back.
//
//   file  := "TMOWED" version:u16le key_bytes:u16le wrapped_key[key_bytes] frame*
//   frame := kind:u8 size:u32le ciphertext[size] tag[16]
//
// AES-256-GCM under the file's own key; nonce (1, frame number), additional data kind and size. The
// frame of kind kEnd is the last and the only one of its kind: a file without it is a half.
#pragma once
#include <optional>
#include <string>

#include "base/open_file.h"
#include "crypto/aead.h"
#include "crypto/data_key.h"

namespace tidemark::shard {

enum class OwedFrameKind : uint8_t { kBegin = 1, kRows = 2, kEnd = 3 };

// Writes `path`.making; Finish makes it `path`, durably. Destroyed before that, nothing stays.
class OwedFileWriter {
 public:
  static Result<OwedFileWriter> Make(std::string path, BytesView key_context,
                                     crypto::DataKeyProvider& keys);
  OwedFileWriter(OwedFileWriter&&) = default;
  ~OwedFileWriter();

  Result<void> Append(OwedFrameKind kind, BytesView plain);
  Result<void> Finish();

 private:
  OwedFileWriter(std::string path, OpenFile file, const crypto::Key256& key);
  Result<void> Write(BytesView bytes);

  std::string path_;
  OpenFile file_;  // at `path_` once it is whole
  uint64_t offset_ = 0;
  uint64_t frames_ = 0;
  std::unique_ptr<crypto::Aead> aead_;
};

class OwedFileReader {
 public:
  static Result<OwedFileReader> Open(std::string path, BytesView key_context,
                                     crypto::DataKeyProvider& keys);

  struct Frame {
    OwedFrameKind kind;
    Bytes plain;
  };
  // Nullopt behind the end frame. kCorruption: names the file; a missing end is that, too.
  Result<std::optional<Frame>> Next();

 private:
  explicit OwedFileReader(OpenFile file) : file_(std::move(file)) {}
  Result<Bytes> Read(size_t bytes);
  Unexpected Damaged(const char* what) const;

  OpenFile file_;
  uint64_t offset_ = 0;
  uint64_t frames_ = 0;
  bool ended_ = false;
  std::unique_ptr<crypto::Aead> aead_;
};

}  // namespace tidemark::shard
