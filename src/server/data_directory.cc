#include "server/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.h"
#include "codec/varint.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "iam/entity_id.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kFormat = "tidemark data directory, format 1\n";

auth::RootCredentials::Entry MakeCredentials(const AccountId& account, Random& random) {
  return {AccessKeyId(iam::MakeId("AKIA", 20, random)), iam::MakeSecret(random), account};
}

// file := version:u8 nonce:12 bytes sealed; sealed holds access key, secret and account, each
// length-prefixed.
constexpr char kCredentialsVersion = 1;

crypto::Key256 CredentialsKey(const kms::RootKey& root) {
  return crypto::Hkdf(root.key(), "", "tidemark root credentials");
}

Result<void> StoreCredentials(const std::string& path, const kms::RootKey& root,
                              const auth::RootCredentials::Entry& entry, Random& random) {
  Bytes plain;
  codec::AppendSized(entry.access_key.value, &plain);
  codec::AppendSized(entry.secret, &plain);
  codec::AppendSized(entry.account.value, &plain);
  const crypto::Nonce nonce{static_cast<uint32_t>(random.Next()), random.Next()};
  Bytes file(1, kCredentialsVersion);
  codec::AppendBig32(nonce.purpose, &file);
  codec::AppendBig64(nonce.counter, &file);
  const size_t head = file.size();
  file.resize(head + plain.size() + crypto::kTagBytes);
  crypto::Aead(CredentialsKey(root))
      .Seal(nonce, BytesView(file).substr(0, head), plain, file.data() + head);
  return ReplaceFile(path, file);
}

Result<auth::RootCredentials::Entry> LoadCredentials(const std::string& path,
                                                     const kms::RootKey& root) {
  TM_TRY(const Bytes file, ReadFile(path));
  const auto damaged = [&] {
    return Fail(
        ErrorKind::kCorruption,
        "{} does not open under root.key: it is damaged or belongs to another root key. Give "
        "credentials by TIDEMARK_ROOT_ACCESS_KEY_ID and TIDEMARK_ROOT_SECRET_ACCESS_KEY instead",
        path);
  };
  BytesView rest = file;
  uint8_t version = 0;
  crypto::Nonce nonce;
  if (!codec::ReadU8(&rest, &version) || version != kCredentialsVersion ||
      !codec::ReadBig32(&rest, &nonce.purpose) || !codec::ReadBig64(&rest, &nonce.counter) ||
      rest.size() < crypto::kTagBytes) {
    return damaged();
  }
  Bytes plain(rest.size() - crypto::kTagBytes, '\0');
  if (!crypto::Aead(CredentialsKey(root))
           .Open(nonce, BytesView(file).substr(0, 13), rest, plain.data())) {
    return damaged();
  }
  BytesView access_key, secret, account;
  rest = plain;
  if (!codec::ReadSized(&rest, &access_key) || !codec::ReadSized(&rest, &secret) ||
      !codec::ReadSized(&rest, &account)) {
    return damaged();
  }
  return auth::RootCredentials::Entry{AccessKeyId(std::string(access_key)), std::string(secret),
                                      AccountId(std::string(account))};
}

// What an init that was cut off may have left.
bool IsOurs(const std::string& name) {
  return name == "LOCK" || name.starts_with("root.key") || name.starts_with("root-credentials") ||
         name.starts_with("FORMAT") || name == "shards";
}

}  // namespace

Result<void> CheckDataDirectory(const std::string& path) {
  if (!Exists(path)) return {};
  const std::string format = path + "/FORMAT";
  const auto found = ReadFile(format);
  if (found && *found != kFormat) {
    return Fail(ErrorKind::kCorruption, "{} says '{}'; this program reads '{}'", format, *found,
                kFormat);
  }
  if (found) return {};
  if (found.error().kind != ErrorKind::kNotFound) return Fail(found.error());
  TM_TRY(const auto names, ListDirectory(path));
  for (const std::string& name : names) {
    if (IsOurs(name)) continue;
    return Fail(
        ErrorKind::kAlreadyExists,
        "{} is not empty (it holds '{}') and is no data directory of Tidemark: name another one",
        path, name);
  }
  return {};
}

std::string AuditDirectory(const std::string& data) { return data + "/audit"; }

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      root_key_(std::move(other.root_key_)),
      credentials_(std::move(other.credentials_)),
      opened_(std::move(other.opened_)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<DataDirectory> DataDirectory::Open(const std::string& path, const AccountId& account,
                                          std::optional<auth::RootCredentials::Entry> given,
                                          Random& random) {
  DataDirectory directory;
  directory.path_ = path;
  TM_TRYV(MakeDirectories(path));
  // Before anything is written there.
  TM_TRYV(CheckDataDirectory(path));
  TM_TRYV(directory.Lock());
  directory.opened_.made = !Exists(path + "/FORMAT");
  TM_TRYV(directory.LoadOrMakeKeys(account, std::move(given), random));
  TM_TRYV(MakeDirectories(path + "/shards"));
  // Last: a directory with a FORMAT file is complete.
  if (directory.opened_.made) TM_TRYV(ReplaceFile(path + "/FORMAT", kFormat, 0644));
  return directory;
}

Result<DataDirectory> DataDirectory::OpenExisting(const std::string& path) {
  if (!Exists(path + "/FORMAT")) {
    return Fail(ErrorKind::kNotFound, "{} is no data directory of Tidemark: name one with --data",
                path);
  }
  TM_TRYV(CheckDataDirectory(path));
  DataDirectory directory;
  directory.path_ = path;
  TM_TRYV(directory.Lock());
  TM_TRY(directory.root_key_, kms::RootKey::Load(path + "/root.key"));
  return directory;
}

Result<void> DataDirectory::Lock() {
  const std::string file = path_ + "/LOCK";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return Fail(FromErrno(errno, "opening " + file));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return Fail(ErrorKind::kAlreadyExists,
                "another server runs on {}: stop it, or name another directory with --data", path_);
  }
  return {};
}

Result<void> DataDirectory::LoadOrMakeKeys(const AccountId& account,
                                           std::optional<auth::RootCredentials::Entry> given,
                                           Random& random) {
  const std::string key_file = path_ + "/root.key";
  auto root = kms::RootKey::Load(key_file);
  if (!root && root.error().kind == ErrorKind::kNotFound && opened_.made) {
    root = kms::RootKey::Create(key_file, random);
  }
  if (!root) return Fail(root.error());
  root_key_ = std::move(*root);

  if (given) {
    credentials_ = std::move(*given);
    return {};
  }
  const std::string file = path_ + "/root-credentials";
  auto stored = LoadCredentials(file, *root_key_);
  if (!stored && stored.error().kind == ErrorKind::kNotFound) {
    stored = MakeCredentials(account, random);
    TM_TRYV(StoreCredentials(file, *root_key_, *stored, random));
    opened_.new_credentials = *stored;
  }
  if (!stored) return Fail(stored.error());
  credentials_ = std::move(*stored);
  return {};
}

Result<std::optional<auth::RootCredentials::Entry>> CredentialsFromEnvironment(
    const AccountId& account) {
  const char* access_key = std::getenv("TIDEMARK_ROOT_ACCESS_KEY_ID");
  const char* secret = std::getenv("TIDEMARK_ROOT_SECRET_ACCESS_KEY");
  if (!access_key && !secret) return std::nullopt;
  if (!access_key || !secret || !*access_key || !*secret) {
    return Fail(
        ErrorKind::kValidation,
        "set both TIDEMARK_ROOT_ACCESS_KEY_ID and TIDEMARK_ROOT_SECRET_ACCESS_KEY, or neither");
  }
  return auth::RootCredentials::Entry{AccessKeyId(access_key), secret, account};
}

}  // namespace tidemark::server
