#include "blob/local/store_file.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "base/files.h"
#include "crypto/hasher.h"

namespace tidemark::blob {
namespace {

constexpr size_t kCopyBytes = 1 << 20;

Result<crypto::Digest256> HashOfFile(const std::string& path, uint64_t bytes_expected) {
  TM_TRY(const FileSource file, FileSource::Open(path, FileSource::Kind::kChangeable));
  if (file.size() != bytes_expected) {
    return Fail(ErrorKind::kCorruption, "{} has {} bytes; {} were expected", path, file.size(),
                bytes_expected);
  }
  return HashOf(file);
}

bool Clone(const OpenFile& from, const OpenFile& to) {
  return ::ioctl(to.fd(), FICLONE, from.fd()) == 0;
}

Result<crypto::Digest256> Copy(const BlobSource& source, OpenFile& to) {
  crypto::Sha256Hasher hasher;
  Bytes piece;
  for (uint64_t offset = 0; offset < source.size(); offset += piece.size()) {
    piece.resize(std::min<uint64_t>(kCopyBytes, source.size() - offset));
    TM_TRYV(source.Read(offset, piece.size(), piece.data()));
    hasher.Add(piece);
    TM_TRYV(to.WriteAt(offset, piece));
  }
  return hasher.Finish();
}

}  // namespace

Result<crypto::Digest256> StoreAsFile(const BlobSource& source, const std::string& path) {
  const OpenFile* const sealed = source.sealed_file();
  // WHY any failure leads on to the copy: another file system, too many links, a file system
  // without links; what ails the disk itself the copy finds as well.
  if (sealed && Link(sealed->path(), path)) {
    TM_TRYV(SyncFile(path));
    return HashOfFile(path, source.size());
  }
  TM_TRY(OpenFile file, OpenFile::Open(path, OpenFile::Mode::kCreate));
  if (sealed && Clone(*sealed, file)) {
    TM_TRYV(file.SyncAll());
    return HashOfFile(path, source.size());
  }
  TM_TRY(const crypto::Digest256 digest, Copy(source, file));
  TM_TRYV(file.SyncAll());
  return digest;
}

}  // namespace tidemark::blob
