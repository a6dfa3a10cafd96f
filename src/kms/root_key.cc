#include "kms/root_key.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/files.h"
#include "codec/crc32.h"
#include "codec/hex.h"
#include "codec/varint.h"
#include "crypto/hkdf.h"

namespace tidemark::kms {

namespace {

constexpr BytesView kMagic = "TMROOTK";
constexpr uint8_t kVersion = 1;
constexpr size_t kKeyBytes = 32;
constexpr size_t kFileBytes = 7 + 1 + kKeyBytes + 4;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool ok() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Result<void> WriteSynced(const std::string& path, BytesView bytes) {
  File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.ok()) return Unexpected(FromErrno(errno, "cannot create " + path));
  while (!bytes.empty()) {
    ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unexpected(FromErrno(errno, "cannot write " + path));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file.get()) != 0) return Unexpected(FromErrno(errno, "cannot sync " + path));
  return {};
}

// Renames without replacing what is there.
Result<void> MoveIntoPlace(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL || errno == ENOSYS) {
    // A file system without that flag: a link refuses to replace as well.
    if (link(from.c_str(), to.c_str()) == 0) {
      unlink(from.c_str());
      return {};
    }
  }
  return Unexpected(FromErrno(errno, "cannot put the root key file at " + to));
}

Result<Bytes> ReadAll(int descriptor, const std::string& path) {
  Bytes bytes;
  char chunk[kFileBytes + 1];  // one more, to see a file that is too long
  while (bytes.size() <= kFileBytes) {
    ssize_t got = read(descriptor, chunk, sizeof chunk - bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unexpected(FromErrno(errno, "cannot read root key file " + path));
    if (got == 0) break;
    bytes.append(chunk, static_cast<size_t>(got));
  }
  crypto::Wipe(chunk, sizeof chunk);
  return bytes;
}

Result<RootKey> Decode(BytesView bytes, const std::string& path) {
  constexpr std::string_view kAdvice =
      "Put the file back from your copy of it; a new key cannot read the stored data";
  if (bytes.size() != kFileBytes) {
    return Fail(ErrorKind::kCorruption, "{} is not a root key file ({} bytes, expected {}). {}",
                path, bytes.size() > kFileBytes ? "more" : std::to_string(bytes.size()), kFileBytes,
                kAdvice);
  }
  if (!bytes.starts_with(kMagic)) {
    return Fail(ErrorKind::kCorruption,
                "{} is not a root key file (it does not begin like one). {}", path, kAdvice);
  }
  auto version = static_cast<uint8_t>(bytes[kMagic.size()]);
  if (version != kVersion) {
    return Fail(ErrorKind::kCorruption,
                "root key file {} has version {}, this server reads {}. Use a newer server", path,
                version, kVersion);
  }
  BytesView covered = bytes.substr(0, kFileBytes - 4);
  if (codec::Crc32(covered) != codec::LoadLittle32(bytes.data() + covered.size())) {
    return Fail(ErrorKind::kCorruption, "root key file {} is damaged (checksum). {}", path,
                kAdvice);
  }
  return RootKey(crypto::Key256::FromBytes(covered.substr(kMagic.size() + 1)));
}

}  // namespace

Result<RootKey> RootKey::Create(const std::string& path, Random& random) {
  RootKey root(crypto::Key256::Make(random));
  Bytes bytes(kMagic);
  bytes.reserve(kFileBytes);
  codec::AppendU8(kVersion, &bytes);
  bytes.append(root.key_.view());
  codec::AppendLittle32(codec::Crc32(bytes), &bytes);

  std::string temporary = path + ".new-" + codec::EncodeHex(random.String(8));
  Result<void> stored = WriteSynced(temporary, bytes);
  crypto::Wipe(bytes.data(), bytes.size());
  if (stored) stored = MoveIntoPlace(temporary, path);
  if (!stored) {
    unlink(temporary.c_str());
    return Unexpected(std::move(stored).error());
  }
  auto directory = std::filesystem::path(path).parent_path().string();
  TM_TRYV(SyncDirectory(directory.empty() ? "." : directory));
  return root;
}

Result<RootKey> RootKey::Load(const std::string& path) {
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!file.ok() || fstat(file.get(), &info) != 0) {
    return Unexpected(FromErrno(errno, "cannot open root key file " + path));
  }
  if (!S_ISREG(info.st_mode)) {
    return Fail(ErrorKind::kCorruption, "root key {} is not a regular file", path);
  }
  if ((info.st_mode & 077) != 0) {
    return Fail(ErrorKind::kAccessDenied,
                "root key file {} is open to other users (mode {:04o}). Run: chmod 600 {}", path,
                info.st_mode & 07777, path);
  }
  TM_TRY(Bytes bytes, ReadAll(file.get(), path));
  Result<RootKey> root = Decode(bytes, path);
  crypto::Wipe(bytes.data(), bytes.size());
  return root;
}

std::string RootKey::Id() const {
  return codec::EncodeHex(crypto::Hkdf(key_, "", "tidemark root key id").view().substr(0, 8));
}

}  // namespace tidemark::kms
