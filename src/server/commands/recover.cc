// `tidemark recover`: a site rebuilt from its backup store, into a data directory of its own.
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "base/files.h"
#include "base/log.h"
#include "codec/instant.h"
#include "codec/json_writer.h"
#include "kms/root_key_provider.h"
#include "server/commands/command.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct RecoverOptions {
  Config config;
  AccountId account{""};  // empty: that of the backups
  std::string root_key;   // file; empty: the data directory's
  std::vector<std::string> tables;
  bool dry_run = false;
  std::string output = "text";
  bool json() const { return output == "json"; }
  const std::string& from() const { return config.backup_store.place; }
  std::string key_in_data() const { return config.data + "/root.key"; }
};

constexpr std::string_view kKeyAdvice =
    "It is the file root.key of the lost server's data directory, of which a copy should be kept "
    "apart from the store: give it by --root-key FILE. Without it nobody can read these backups";

// Which root keys the backups are under, and how many each. For texts.
std::string KeysOf(const backup::StoreContents& contents) {
  std::map<std::string, size_t> keys;
  for (const auto& one : contents.unopened) ++keys[kms::WrappedBy(one.wrapped_key)];
  std::string text;
  for (const auto& [id, count] : keys) {
    text += fmt::format("{}{} of {}", text.empty() ? "" : ", ", count,
                        id.empty() ? "no key that can be told (damaged)" : "root key " + id);
  }
  return text;
}

// A provider that has no key: for telling which one would be needed.
class NoKeys final : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView) override { return Missing(); }
  Result<crypto::Key256> Unwrap(BytesView, BytesView) override { return Missing(); }
  Result<Bytes> Wrap(const crypto::Key256&, BytesView) override { return Missing(); }

 private:
  static Unexpected Missing() { return Fail(ErrorKind::kNotFound, "there is no root key"); }
};

Result<std::unique_ptr<BackupStore>> OpenStore(const RecoverOptions& options, const Clock& clock) {
  if (!options.from().starts_with("s3://") && !Exists(options.from() + "/FORMAT")) {
    return Fail(ErrorKind::kNotFound,
                "{} is no backup store: it is not there, not mounted, or holds something else",
                options.from());
  }
  return BackupStore::Open(options.config.backup_store, options.config.data, clock);
}

// The root key, and where its file is. Refuses before anything is made.
Result<kms::RootKey> FindRootKey(const RecoverOptions& options, backup::StoreContents& sealed) {
  const bool in_data = Exists(options.key_in_data());
  if (options.root_key.empty() && !in_data) {
    return Fail(ErrorKind::kNotFound, "the root key is missing. {} holds {} backups: {}. {}",
                options.from(), sealed.unopened.size(), KeysOf(sealed), kKeyAdvice);
  }
  TM_TRY(auto key,
         kms::RootKey::Load(options.root_key.empty() ? options.key_in_data() : options.root_key));
  if (!in_data || options.root_key.empty()) return key;
  TM_TRY(const auto other, kms::RootKey::Load(options.key_in_data()));
  if (other.Id() == key.Id()) return key;
  return Fail(ErrorKind::kAlreadyExists,
              "{} has another root key, {}, than {}, {}: name another directory with --data",
              options.config.data, other.Id(), options.root_key, key.Id());
}

// Account of new root credentials: as wished, else of most tables.
AccountId AccountOf(const RecoverOptions& options, const backup::StoreContents& contents) {
  if (!options.account.value.empty()) return options.account;
  std::map<std::string, size_t> backups;
  for (const auto& stored : contents.backups) ++backups[stored.backup.source.account.value];
  return AccountId(
      std::ranges::max_element(backups, {}, [](const auto& one) { return one.second; })->first);
}

// A name that no table has is a slip of the pen.
Result<void> CheckTables(const RecoverOptions& options, const backup::StoreContents& contents) {
  std::set<std::string> known;
  for (const auto& stored : contents.backups) known.insert(stored.backup.source.name);
  for (const std::string& name : options.tables) {
    if (known.contains(name)) continue;
    return Fail(ErrorKind::kNotFound, "{} holds no backup of a table {}; it has those of: {}",
                options.from(), name, fmt::join(known, ", "));
  }
  return {};
}

struct RecoveryOutcome {
  const backup::StoreContents& contents;
  const std::vector<TableRecovery>& plan;
  std::string root_key_id;
  double seconds = 0;

  bool Whole() const {
    return contents.unopened.empty() && std::ranges::none_of(plan, [](const TableRecovery& table) {
             return table.fate == TableFate::kFailed;
           });
  }
};

void ShowJson(const RecoverOptions& options, const RecoveryOutcome& outcome) {
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginObject().Field("Store", options.from()).Field("RootKeyId", outcome.root_key_id);
  w.FieldBool("DryRun", options.dry_run);
  w.Field("Backups", static_cast<int64_t>(outcome.contents.backups.size()));
  w.Key("Tables").BeginArray();
  for (const TableRecovery& table : outcome.plan) {
    const catalog::BackupRecord& backup = table.stored->backup;
    w.BeginObject().Field("AccountId", backup.source.account.value);
    w.Field("Region", backup.source.region.value).Field("TableName", backup.source.name);
    w.Field("Status", ToString(table.fate)).Field("BackupArn", backup.Arn());
    w.Field("BackupCreationDateTime", codec::FormatInstant(backup.created));
    w.Field("ItemCount", static_cast<int64_t>(backup.image.totals.items));
    w.Field("StoredBytes", static_cast<int64_t>(table.stored->Bytes()));
    if (!table.reason.empty()) w.Field("Reason", table.reason);
    if (table.fate == TableFate::kRestored)
      w.Key("Seconds").Raw(fmt::format("{:.1f}", table.seconds));
    w.EndObject();
  }
  w.EndArray().Key("NotOpened").BeginArray();
  for (const auto& one : outcome.contents.unopened) {
    w.BeginObject().Field("StoredBackup", one.manifest).Field("Reason", one.why).EndObject();
  }
  w.EndArray().Key("Seconds").Raw(fmt::format("{:.1f}", outcome.seconds)).EndObject();
  fmt::print("{}\n", json);
}

void ShowText(const RecoverOptions& options, const RecoveryOutcome& outcome) {
  for (const TableRecovery& table : outcome.plan) {
    const catalog::BackupRecord& backup = table.stored->backup;
    fmt::print("{:<8} {} ({}, account {}): {} items as of {}, backup {}\n", ToString(table.fate),
               backup.source.name, backup.source.region.value, backup.source.account.value,
               backup.image.totals.items, codec::FormatInstant(backup.created), backup.name);
    if (!table.reason.empty()) fmt::print("         {}\n", table.reason);
  }
  for (const auto& one : outcome.contents.unopened) {
    fmt::print("cannot be read: {}\n         {}\n", one.manifest, one.why);
  }
  if (options.dry_run) {
    fmt::print("nothing was done; without --dry-run it is\n");
    return;
  }
  fmt::print("all {} backups of the store are known again and can be restored from\n",
             outcome.contents.backups.size());
  fmt::print(
      "not in a backup store: IAM users, roles and policies, access keys, vaults of AWS Backup, "
      "streams' records, what was written after the last backups\n");
  const auto points =
      std::ranges::count(outcome.contents.backups, catalog::BackupType::kAwsBackup,
                         [](const backup::StoredBackup& stored) { return stored.backup.type; });
  if (points > 0) {
    fmt::print(
        "{} of the backups were recovery points in vaults: no lock protects them now, and their "
        "lives do not end by themselves\n",
        points);
  }
  fmt::print("serve them: tidemark serve --data {} --backup-store {} --copy-backups\n",
             options.config.data, options.from());
}

void ShowRecovery(const RecoveryProgress& progress) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::string left;
  if (progress.bytes_done > 0 && progress.bytes_done < progress.bytes_total) {
    const auto done = static_cast<double>(progress.bytes_done);
    left =
        fmt::format(", about {:.0f} s left",
                    progress.seconds * (static_cast<double>(progress.bytes_total) - done) / done);
  }
  fmt::print(stderr, "\r{} of {} tables, {} of {} MB{}    ", progress.tables_done,
             progress.tables_total, progress.bytes_done >> 20, progress.bytes_total >> 20, left);
  std::fflush(stderr);
}

Result<void> Rebuild(RecoverOptions& options, const backup::StoreContents& contents,
                     std::vector<TableRecovery>* plan) {
  Config& config = options.config;
  config.account = AccountOf(options, contents);
  config.listen = false;
  TM_TRYV(MakeDirectories(config.data));
  if (!Exists(options.key_in_data())) {
    TM_TRY(const Bytes key, ReadFile(options.root_key));
    TM_TRYV(ReplaceFile(options.key_in_data(), key));
  }
  TM_TRY(const auto server, Server::Start(config));
  std::FILE* const to = options.json() ? stderr : stdout;
  ShowNewCredentials(server->data(), to);
  std::fflush(to);  // whatever comes: they are shown once
  TM_TRYV(server->Recover(contents, plan, ShowRecovery));
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  return {};
}

Result<bool> RecoverSite(RecoverOptions& options) {
  SetLogLevel(LogLevel::kWarn);
  const SystemClock clock;
  const auto begin = std::chrono::steady_clock::now();
  TM_TRYV(CheckDataDirectory(options.config.data));
  TM_TRY(auto store, OpenStore(options, clock));
  NoKeys none;
  TM_TRY(auto sealed, backup::ReadContents(store->store(), none));
  if (sealed.unopened.empty()) {
    return Fail(ErrorKind::kNotFound, "the store {} holds no backups", options.from());
  }
  TM_TRY(const auto key, FindRootKey(options, sealed));
  kms::RootKeyProvider keys(key, TheSystemRandom());
  TM_TRY(const auto contents, backup::ReadContents(store->store(), keys));
  store.reset();
  if (contents.backups.empty()) {
    return Fail(
        ErrorKind::kNotFound,
        "root key {} opens none of the {} backups in {}: {}. Another root key is wanted. {}",
        key.Id(), contents.unopened.size(), options.from(), KeysOf(contents), kKeyAdvice);
  }
  TM_TRYV(CheckTables(options, contents));
  auto plan = PlanRecovery(contents, options.tables);
  if (!options.dry_run) TM_TRYV(Rebuild(options, contents, &plan));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  const RecoveryOutcome outcome{contents, plan, key.Id(), spent.count()};
  options.json() ? ShowJson(options, outcome) : ShowText(options, outcome);
  return outcome.Whole();
}

}  // namespace

Subcommand AddRecover(Command app) {
  Command command = app.Add("recover", "Rebuild a lost server from its backup store");
  const auto options = std::make_shared<RecoverOptions>();  // shared: by the parser and what runs
  Config& config = options->config;
  command
      .Text("--from", &config.backup_store.place,
            "the backup store: a directory, or s3://BUCKET/PREFIX")
      .Environment("TIDEMARK_BACKUP_STORE")
      .Required();
  AddStoreOptions(command, &config.backup_store);
  AddDataOption(command, &config.data, "data directory to rebuild; made if absent");
  command.Text("--root-key", &options->root_key,
               "the lost server's root.key; else the data directory's");
  AddAccountOption(command, &options->account);
  command
      .Texts(
          "--table", &options->tables,
          "restore only the tables of this name; may be given again. All backups are known again "
          "in any case")
      .OneEach();
  command.Flag("--dry-run", &options->dry_run, "tell what would be restored, and do nothing");
  command.Text("--output", &options->output, "text or json").OneOf({"text", "json"});
  return {command, [options] {
            const auto whole = RecoverSite(*options);
            if (!whole) return Complain(whole.error());
            return *whole ? kExitOk : kExitFailed;
          }};
}

}  // namespace tidemark::server
