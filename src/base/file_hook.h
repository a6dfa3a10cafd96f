// Where tests stand between the server and its disk: every call that changes or reads files passes
// the hook first, when there is one. In production there is none, and the cost is one load.
//
// A hook sees a call before it happens, so it can keep what the call is about to change (to take it
// back as a power cut would), do a part of it (a torn write), wait (a slow disk), or fail it.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark {

enum class FileOp {
  kOpen,    // for reading, or for writing in place
  kCreate,  // a new or emptied file
  kRead,
  kWrite,     // `data` at `offset`; an append gives the offset it lands on
  kSync,      // of a file's data
  kTruncate,  // to `offset` bytes
  kRename,    // `path` to `to`
  kLink,      // `path` gets the further name `to`
  kRemove,    // a file or an empty directory
  kMakeDirectory,
  kSyncDirectory,
};

struct FileCall {
  FileOp op;
  const std::string& path;
  BytesView to = {};
  uint64_t offset = 0;
  uint64_t bytes = 0;   // kRead, kWrite
  BytesView data = {};  // kWrite
};

class FileHook {
 public:
  virtual ~FileHook() = default;
  // The errno the call is to fail with, or 0. From any thread.
  virtual int Before(const FileCall& call) = 0;
};

inline std::atomic<FileHook*> g_file_hook{nullptr};

// For tests, before anything opens a file. Null takes it away.
inline void SetFileHook(FileHook* hook) { g_file_hook.store(hook); }

inline int AskFileHook(const FileCall& call) {
  FileHook* hook = g_file_hook.load(std::memory_order_acquire);
  return hook ? hook->Before(call) : 0;
}

}  // namespace tidemark
