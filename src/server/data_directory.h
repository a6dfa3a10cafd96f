// The data directory: made ready once, then locked by the one server that uses it.
//
//   DIR/LOCK              held (flock) while a server runs
//   DIR/FORMAT            "tidemark data directory, format 1"
//   DIR/root.key          mode 0600; everything stored is encrypted under it
//   DIR/root-credentials  the root access key made at init, sealed under the root key
//   DIR/shards/_system, DIR/shards/<region>
#pragma once
#include <optional>
#include <string>

#include "auth/credentials.h"
#include "base/random.h"
#include "base/result.h"
#include "kms/root_key.h"

namespace tidemark::server {

// Where the audit log of a data directory lies.
std::string AuditDirectory(const std::string& data);

// The root credentials named by TIDEMARK_ROOT_ACCESS_KEY_ID and TIDEMARK_ROOT_SECRET_ACCESS_KEY, if
// set. kValidation when only one of them is.
Result<std::optional<auth::RootCredentials::Entry>> CredentialsFromEnvironment(
    const AccountId& account);

// Fine: there is none, a complete one of this format, an empty one, or one whose making was cut
// off. kAlreadyExists: it holds something else; kCorruption: it is of another format.
Result<void> CheckDataDirectory(const std::string& path);

class DataDirectory {
 public:
  struct Opened {
    bool made = false;                                            // it was not there before
    std::optional<auth::RootCredentials::Entry> new_credentials;  // made just now: to be shown once
  };

  // Makes `path` ready if it is empty or absent, locks it and loads its keys. `given`: credentials
  // from the environment, used instead of stored ones; none are made then.
  // Errors: kAlreadyExists (a server runs on it), kCorruption / kNotFound (not ours, or damaged): the text says
  // what to do.
  static Result<DataDirectory> Open(const std::string& path, const AccountId& account,
                                    std::optional<auth::RootCredentials::Entry> given,
                                    Random& random);
  // For tools: locks a directory that is there and loads its root key; makes nothing, and leaves
  // credentials() empty. Errors: as above; kNotFound: there is none at `path`.
  static Result<DataDirectory> OpenExisting(const std::string& path);
  DataDirectory(DataDirectory&& other) noexcept;
  ~DataDirectory();  // unlocks

  const std::string& path() const { return path_; }
  const kms::RootKey& root_key() const { return *root_key_; }
  const auth::RootCredentials::Entry& credentials() const { return credentials_; }
  const Opened& opened() const { return opened_; }

 private:
  DataDirectory() = default;
  Result<void> Lock();
  Result<void> LoadOrMakeKeys(const AccountId& account,
                              std::optional<auth::RootCredentials::Entry> given, Random& random);

  std::string path_;
  int lock_ = -1;
  std::optional<kms::RootKey> root_key_;
  auth::RootCredentials::Entry credentials_;
  Opened opened_;
};

}  // namespace tidemark::server
