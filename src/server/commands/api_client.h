// Signed calls of a running server, for subcommands: credentials and Region from the environment,
// as AWS's own tools take them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codec/json_reader.h"
#include "server/commands/command.h"
#include "sigv4/signer.h"

namespace tidemark::server {

// What every subcommand that calls a server is told.
struct ClientOptions {
  std::string endpoint = "http://127.0.0.1:8000";
  std::string region = "us-east-1";
  std::string output = "text";
  bool json() const { return output == "json"; }
};
void AddClientOptions(Command command, ClientOptions* options);

class ApiClient {
 public:
  // kValidation: no credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or no endpoint.
  static Result<ApiClient> Open(const ClientOptions& options);

  // `target`: "DynamoDB_20120810.GetItem". The answer lives until the next call. Errors: kIo, and
  // kValidation with the service's own name and text for what it refused.
  using Headers = std::vector<std::pair<std::string, std::string>>;
  Result<codec::JsonValue> Call(const std::string& target, std::string body, Headers headers = {});

 private:
  ApiClient(const ClientOptions& options, std::string host, sigv4::SigningCredentials credentials)
      : endpoint_(options.endpoint),
        host_(std::move(host)),
        signer_(std::move(credentials), options.region, "dynamodb") {}

  std::string endpoint_, host_;
  sigv4::Signer signer_;
  std::unique_ptr<codec::JsonParser> parser_ = std::make_unique<codec::JsonParser>();
};

inline constexpr char kDynamoDb[] = "DynamoDB_20120810.";
inline constexpr char kTidemark[] = "Tidemark_20261101.";

// A member that is a string, a whole number, or anything; "", 0, "" where there is none.
std::string TextOf(codec::JsonValue object, std::string_view member);
int64_t NumberOf(codec::JsonValue object, std::string_view member);
std::string JsonOf(codec::JsonValue object, std::string_view member);

// An item's key from what stands on the command line: one object as DynamoDB's JSON, or the values
// of partition and sort key, whose types the table tells. As JSON.
Result<std::string> KeyFromArguments(ApiClient& client, const std::string& table,
                                     const std::vector<std::string>& arguments);

}  // namespace tidemark::server
