// What the subcommands about a table's past share.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "codec/json_writer.h"
#include "server/commands/api_client.h"

namespace tidemark::server {

struct PastOptions {
  ClientOptions client;
  std::string table;
  std::vector<std::string> key;
  std::string as_of, from, until;  // as typed; empty: not given
  std::string backup;              // ARN of the one to read; empty: the table

  bool reads_now() const { return as_of.empty() && backup.empty(); }
};
void AddTable(Command command, PastOptions* options);
void AddKey(Command command, PastOptions* options);
void AddRange(Command command, PastOptions* options);
void AddReadSource(Command command, PastOptions* options);  // --as-of, --from-backup

// What makes reads read what was typed.
Result<ApiClient::Headers> ReadHeaders(const PastOptions& options);

// Opens a client, then runs `work`, and tells its error.
ExitCode WithClient(const ClientOptions& options,
                    const std::function<Result<void>(ApiClient&)>& work);
// The same of what reads one source: --as-of and --from-backup together are wrong usage.
ExitCode WithReadSource(const PastOptions& options,
                        const std::function<Result<void>(ApiClient&)>& work);

// "From" and "Until", as far as they were typed. kValidation.
Result<void> WriteTypedRange(const PastOptions& options, codec::JsonWriter* w);

// Calls again with each answer's NextToken until there is none, or `page` says that it is enough.
// `fill` writes the members of a request but the token.
Result<void> CallPages(ApiClient& client, const std::string& target,
                       const std::function<Result<void>(codec::JsonWriter*)>& fill,
                       const std::function<bool(codec::JsonValue)>& page);

// Waits for the restore into a table that is under way, tells how far it is, and what became of it.
// An error unless the table is there.
Result<void> WaitForRestore(ApiClient& client, const ClientOptions& options,
                            const std::string& table);

// "2026-11-26T10:00:06.000000Z" as people read it: "2026-11-26 10:00:06.000000".
std::string Readable(std::string instant);

}  // namespace tidemark::server
