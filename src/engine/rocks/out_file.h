// A file written from its front to its end. It is made by the first Append: what is never written
// to never exists. Between Release and the next Append it holds no descriptor.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/rocks/table_place.h"

namespace tidemark::engine {

// One thread at a time. After a failed call all others fail: where the file ends is not known then.
class OutFile {
 public:
  OutFile(std::shared_ptr<const TablePlace> place, std::string path);
  OutFile(OutFile&& other) noexcept;
  OutFile& operator=(OutFile&&) = delete;
  ~OutFile();

  Result<void> Append(BytesView data);
  Result<void> Sync();  // of the data, and of the size
  // Has the operating system begin to write these bytes; advice.
  void BeginWriteback(uint64_t offset, uint64_t bytes);
  // Gives the descriptor back; the next Append opens the file again.
  void Release();

  uint64_t size() const { return size_; }
  std::string RealPath() const { return place_->RealPath(path_); }  // for messages

 private:
  Result<void> Open();
  Result<void> Failed(int error_number, const char* act);

  std::shared_ptr<const TablePlace> place_;
  std::string path_;
  int descriptor_ = -1;
  bool made_ = false;
  bool failed_ = false;
  uint64_t size_ = 0;
};

}  // namespace tidemark::engine
