#include "server/commands/api_client.h"

#include <cstdlib>

#include "base/clock.h"
#include "codec/json_writer.h"
#include "server/commands/http_get.h"

namespace tidemark::server {
namespace {

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

void AddClientOptions(Command command, ClientOptions* options) {
  command.Text("--endpoint", &options->endpoint, "the server, http://HOST:PORT")
      .Environment("TIDEMARK_ENDPOINT");
  command.Text("--region", &options->region, "the Region of the table")
      .Environment("AWS_DEFAULT_REGION");
  command.Text("--output", &options->output, "text or json").OneOf({"text", "json"});
}

Result<ApiClient> ApiClient::Open(const ClientOptions& options) {
  TM_TRY(auto host, HostOf(options.endpoint));
  sigv4::SigningCredentials credentials{FromEnvironment("AWS_ACCESS_KEY_ID"),
                                        FromEnvironment("AWS_SECRET_ACCESS_KEY"),
                                        FromEnvironment("AWS_SESSION_TOKEN")};
  if (credentials.access_key.empty() || credentials.secret.empty()) {
    return Fail(ErrorKind::kValidation,
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: requests are signed with them");
  }
  return ApiClient(options, std::move(host), std::move(credentials));
}

Result<codec::JsonValue> ApiClient::Call(const std::string& target, std::string body,
                                         Headers headers) {
  headers.emplace_back("Content-Type", "application/x-amz-json-1.0");
  headers.emplace_back("X-Amz-Target", target);
  std::vector<sigv4::HeaderField> fields;
  for (const auto& [name, value] : headers) fields.push_back({name, value});
  fields.push_back({"Host", host_});
  auto added =
      signer_.Sign({.method = "POST", .path = "/", .query = "", .headers = fields, .body = body},
                   SystemClock().Now());
  for (auto& header : added) headers.push_back(std::move(header));
  TM_TRY(const auto answer, HttpSend(endpoint_, {.method = "POST",
                                                 .path = "/",
                                                 .headers = std::move(headers),
                                                 .body = std::move(body)}));
  auto json = parser_->Parse(answer.body);
  if (!json) return Fail(ErrorKind::kIo, "{} does not answer in JSON", endpoint_);
  if (answer.status == 200) return *json;
  const std::string type = TextOf(*json, "__type");
  std::string text = TextOf(*json, "message");
  if (text.empty()) text = TextOf(*json, "Message");
  return Fail(ErrorKind::kValidation, "{}{}{}", type.substr(type.find('#') + 1),
              text.empty() ? "" : ": ", text);
}

std::string TextOf(codec::JsonValue object, std::string_view member) {
  std::string_view text;
  return object[member].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

int64_t NumberOf(codec::JsonValue object, std::string_view member) {
  int64_t number = 0;
  return object[member].get(number) == simdjson::SUCCESS ? number : 0;
}

std::string JsonOf(codec::JsonValue object, std::string_view member) {
  codec::JsonValue value;
  if (object[member].get(value) != simdjson::SUCCESS) return "";
  return simdjson::minify(value);
}

Result<std::string> KeyFromArguments(ApiClient& client, const std::string& table,
                                     const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && arguments.front().starts_with('{')) return arguments.front();
  std::string body;
  codec::JsonWriter request(&body);
  request.BeginObject().Field("TableName", table).EndObject();
  TM_TRY(const auto answer, client.Call(std::string(kDynamoDb) + "DescribeTable", body));
  const auto description = answer["Table"];
  codec::JsonArray schema, attributes;
  if (description["KeySchema"].get(schema) != simdjson::SUCCESS ||
      description["AttributeDefinitions"].get(attributes) != simdjson::SUCCESS) {
    return Fail(ErrorKind::kIo, "the server does not tell the key of table {}", table);
  }
  if (schema.size() != arguments.size()) {
    return Fail(ErrorKind::kValidation, "table {} has {} key attribute(s), {} were given", table,
                schema.size(), arguments.size());
  }
  std::string key;
  codec::JsonWriter w(&key);
  w.BeginObject();
  size_t number = 0;
  for (const auto element : schema) {  // the partition key comes first
    const std::string name = TextOf(element, "AttributeName");
    for (const auto attribute : attributes) {
      if (TextOf(attribute, "AttributeName") != name) continue;
      w.Key(name).BeginObject();
      w.Field(TextOf(attribute, "AttributeType"), arguments[number++]).EndObject();
    }
  }
  w.EndObject();
  return key;
}

}  // namespace tidemark::server
