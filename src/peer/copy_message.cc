#include "peer/copy_message.h"

#include <algorithm>
#include <cstring>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace tidemark::peer {
namespace {

using codec::JsonValue;
using codec::JsonWriter;

constexpr int64_t kMessageVersion = 1;
constexpr std::string_view kStates[] = {"LOOKING", "ARRIVING", "COMPLETED"};
constexpr size_t kNameBytesMax = 100;

template <class Array>
std::string HexOfArray(const Array& bytes) {
  return codec::EncodeHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Reads members; what is missing or of another type is remembered, and told once at the end.
class Members {
 public:
  explicit Members(JsonValue json) : json_(json) {}

  std::string Text(std::string_view name) {
    std::string_view text;
    if (json_[name].get(text) != simdjson::SUCCESS) Miss(name);
    return std::string(text);
  }
  int64_t Int(std::string_view name) {
    int64_t value = 0;
    if (json_[name].get(value) != simdjson::SUCCESS) Miss(name);
    return value;
  }
  uint64_t Size(std::string_view name) {
    const int64_t value = Int(name);
    if (value < 0) Miss(name);
    return static_cast<uint64_t>(value);
  }
  bool Bool(std::string_view name) {
    bool value = false;
    if (json_[name].get(value) != simdjson::SUCCESS) Miss(name);
    return value;
  }
  Bytes Binary(std::string_view name) {
    auto bytes = codec::DecodeBase64(Text(name));
    if (!bytes) Miss(name);
    return bytes ? *std::move(bytes) : Bytes();
  }
  template <class Array>
  void HexInto(std::string_view name, Array* out) {
    const auto bytes = codec::DecodeHex(Text(name));
    if (bytes && bytes->size() == out->size()) {
      std::memcpy(out->data(), bytes->data(), out->size());
    } else {
      Miss(name);
    }
  }
  codec::JsonArray List(std::string_view name) {
    codec::JsonArray list;
    if (json_[name].get(list) != simdjson::SUCCESS) Miss(name);
    return list;
  }
  void Miss(std::string_view name) {
    if (missed_.empty()) missed_ = name;
  }
  Result<void> Done() const {
    if (missed_.empty()) return {};
    return Fail(ErrorKind::kSerialization, "the message's member {} does not read", missed_);
  }

 private:
  const JsonValue json_;
  std::string missed_;
};

// Of a message of this version.
Result<JsonValue> ParseMessage(codec::JsonParser& parser, std::string_view text) {
  TM_TRY(const JsonValue json, parser.Parse(text));
  int64_t version = 0;
  if (json["version"].get(version) != simdjson::SUCCESS || version != kMessageVersion) {
    return Fail(ErrorKind::kSerialization,
                "this server speaks version {} of copies between servers: run the same release of "
                "Tidemark on both",
                kMessageVersion);
  }
  return json;
}

void WriteFileList(const std::vector<OfferedFile>& files, JsonWriter* w) {
  w->Key("files").BeginArray();
  for (const OfferedFile& file : files) {
    w->BeginObject().Field("name", file.name).Field("bytes", static_cast<int64_t>(file.bytes));
    w->Field("sha256", HexOfArray(file.sha256)).Field("head", HexOfArray(file.head)).EndObject();
  }
  w->EndArray();
}

Result<std::vector<OfferedFile>> ReadFileList(Members* message) {
  std::vector<OfferedFile> files;
  for (const JsonValue one : message->List("files")) {
    Members members(one);
    OfferedFile file;
    file.name = members.Text("name");
    file.bytes = members.Size("bytes");
    members.HexInto("sha256", &file.sha256);
    members.HexInto("head", &file.head);
    if (!IsFileName(file.name) || file.bytes == 0) members.Miss("name");
    TM_TRYV(members.Done());
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

bool IsFileName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' && name != kFinish &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

std::string WriteTerms(const CopyTerms& terms) {
  std::string json;
  JsonWriter w(&json);
  w.BeginObject().Field("version", kMessageVersion).Field("source_account", terms.source_account);
  w.Field("point", terms.point).Field("backup", terms.backup).Field("seconds", terms.seconds);
  w.Key("keys").BeginArray();
  for (const SentKey& key : terms.keys) {
    w.BeginObject().Field("generation", HexOfArray(key.generation));
    w.FieldBool("current", key.current).Field("key", codec::EncodeHex(key.key.view())).EndObject();
  }
  w.EndArray().EndObject();
  return json;
}

Result<CopyTerms> ReadTerms(std::string_view text) {
  codec::JsonParser parser;
  TM_TRY(const JsonValue json, ParseMessage(parser, text));
  Members members(json);
  CopyTerms terms;
  terms.source_account = members.Text("source_account");
  terms.point = members.Text("point");
  terms.backup = members.Text("backup");
  terms.seconds = members.Int("seconds");
  for (const JsonValue one : members.List("keys")) {
    Members entry(one);
    SentKey key;
    entry.HexInto("generation", &key.generation);
    key.current = entry.Bool("current");
    std::array<char, 32> bytes{};
    entry.HexInto("key", &bytes);
    key.key = crypto::Key256::FromBytes({bytes.data(), bytes.size()});
    crypto::Wipe(bytes.data(), bytes.size());
    TM_TRYV(entry.Done());
    terms.keys.push_back(std::move(key));
  }
  TM_TRYV(members.Done());
  return terms;
}

std::string WriteOffer(const CopyOffer& offer) {
  std::string json;
  JsonWriter w(&json);
  w.BeginObject().Field("version", kMessageVersion).Field("vault_arn", offer.vault_arn);
  w.Field("terms", codec::EncodeBase64(offer.terms)).Key("bases").BeginArray();
  for (const std::string& base : offer.bases) w.String(base);
  w.EndArray().Field("base", offer.base);
  WriteFileList(offer.files, &w);
  w.EndObject();
  return json;
}

Result<CopyOffer> ReadOffer(std::string_view text) {
  codec::JsonParser parser;
  TM_TRY(const JsonValue json, ParseMessage(parser, text));
  Members members(json);
  CopyOffer offer;
  offer.vault_arn = members.Text("vault_arn");
  offer.terms = members.Binary("terms");
  for (const JsonValue one : members.List("bases")) {
    std::string_view base;
    if (one.get(base) != simdjson::SUCCESS) members.Miss("bases");
    offer.bases.emplace_back(base);
  }
  offer.base = members.Text("base");
  TM_TRY(offer.files, ReadFileList(&members));
  TM_TRYV(members.Done());
  return offer;
}

std::string WriteFiles(const std::vector<OfferedFile>& files) {
  std::string json;
  JsonWriter w(&json);
  w.BeginObject().Field("version", kMessageVersion);
  WriteFileList(files, &w);
  w.EndObject();
  return json;
}

Result<std::vector<OfferedFile>> ReadFiles(std::string_view text) {
  codec::JsonParser parser;
  TM_TRY(const JsonValue json, ParseMessage(parser, text));
  Members members(json);
  TM_TRY(auto files, ReadFileList(&members));
  TM_TRYV(members.Done());
  return files;
}

std::string WriteStatus(const CopyStatus& status) {
  std::string json;
  JsonWriter w(&json);
  w.BeginObject().Field("version", kMessageVersion);
  w.Field("state", kStates[static_cast<size_t>(status.state)]).Field("point", status.point_arn);
  w.Key("lacked").BeginArray();
  for (const LackedFile& file : status.lacked) {
    w.BeginObject().Field("name", file.name).Field("offset", static_cast<int64_t>(file.offset));
    w.EndObject();
  }
  w.EndArray().Field("base", status.base).EndObject();
  return json;
}

Result<CopyStatus> ReadStatus(std::string_view text) {
  codec::JsonParser parser;
  TM_TRY(const JsonValue json, ParseMessage(parser, text));
  Members members(json);
  CopyStatus status;
  const std::string state = members.Text("state");
  const auto* at = std::ranges::find(kStates, state);
  if (at == std::end(kStates)) {
    members.Miss("state");
  } else {
    status.state = static_cast<CopyState>(at - kStates);
  }
  status.point_arn = members.Text("point");
  status.base = members.Text("base");
  for (const JsonValue one : members.List("lacked")) {
    Members file(one);
    status.lacked.push_back({file.Text("name"), file.Size("offset")});
    TM_TRYV(file.Done());
  }
  TM_TRYV(members.Done());
  return status;
}

}  // namespace tidemark::peer
