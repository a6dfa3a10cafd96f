#include "iam/session.h"

#include "catalog/json_fields.h"
#include "codec/base64.h"
#include "codec/varint.h"

namespace tidemark::iam {

namespace {

namespace sealed_json = boost::json;
using catalog::Fields;

constexpr char kTokenVersion = 1;
constexpr size_t kTokenHead = 1 + crypto::kNonceBytes;
constexpr int64_t kSessionVersion = 1;

sealed_json::string JsonText(std::string_view text) {
  return sealed_json::string(sealed_json::string_view(text.data(), text.size()));
}

sealed_json::array JsonTexts(const std::vector<std::string>& texts) {
  sealed_json::array out;
  for (const std::string& text : texts) out.emplace_back(JsonText(text));
  return out;
}

std::string EncodeSession(const Session& session) {
  sealed_json::object tags;
  for (const auto& [key, value] : session.tags) tags.emplace(key, JsonText(value));
  return sealed_json::serialize(sealed_json::object{{"version", kSessionVersion},
                                                    {"kind", static_cast<int64_t>(session.kind)},
                                                    {"account", session.account.value},
                                                    {"entity", session.entity_id},
                                                    {"name", session.name},
                                                    {"key", session.access_key.value},
                                                    {"secret", session.secret},
                                                    {"issued", ToMicros(session.issued)},
                                                    {"expires", ToMicros(session.expires)},
                                                    {"policy", JsonText(session.policy.text)},
                                                    {"policies", JsonTexts(session.policy_arns)},
                                                    {"tags", std::move(tags)},
                                                    {"transitive", JsonTexts(session.transitive)},
                                                    {"source", session.source_identity}});
}

Session ReadSession(Fields fields) {
  Session session;
  session.kind = static_cast<Session::Kind>(fields.Int("kind", 0, 2));
  session.account = AccountId(fields.Text("account"));
  session.entity_id = fields.Text("entity");
  session.name = fields.Text("name");
  session.access_key = AccessKeyId(fields.Text("key"));
  session.secret = fields.Text("secret");
  session.issued = fields.Time("issued");
  session.expires = fields.Time("expires");
  if (std::string text = fields.Text("policy"); !text.empty()) {
    auto policy = PolicyText::Parse(std::move(text));
    if (!policy) throw std::invalid_argument(policy.error().message);
    session.policy = *std::move(policy);
  }
  session.policy_arns = fields.Texts("policies");
  const Fields tags = fields.Object("tags");
  for (const std::string& name : tags.Names()) session.tags[name] = tags.Text(name);
  session.transitive = fields.Texts("transitive");
  session.source_identity = fields.Text("source");
  return session;
}

}  // namespace

size_t Session::PackedBytes() const {
  size_t bytes = policy.text.size();
  for (const std::string& arn : policy_arns) bytes += arn.size();
  for (const auto& [key, value] : tags) bytes += key.size() + value.size();
  for (const std::string& key : transitive) bytes += key.size();
  return bytes;
}

std::string SealSession(const Session& session, const crypto::Aead& key, Random& random) {
  const std::string plain = EncodeSession(session);
  // WHY a random nonce: nobody counts sessions across restarts; 2^32 of them are far off.
  const crypto::Nonce nonce{static_cast<uint32_t>(random.Next()), random.Next()};
  Bytes token(1, kTokenVersion);
  codec::AppendBig32(nonce.purpose, &token);
  codec::AppendBig64(nonce.counter, &token);
  token.resize(kTokenHead + plain.size() + crypto::kTagBytes);
  key.Seal(nonce, BytesView(token).substr(0, 1), plain, token.data() + kTokenHead);
  return codec::EncodeBase64(token);
}

Result<Session> OpenSession(std::string_view token, const crypto::Aead& key) {
  const auto refused = [] {
    return Fail(ErrorKind::kUnrecognizedClient,
                "The security token included in the request is invalid.");
  };
  const auto bytes = codec::DecodeBase64(token);
  if (!bytes || bytes->size() < kTokenHead + crypto::kTagBytes || (*bytes)[0] != kTokenVersion)
    return refused();
  const crypto::Nonce nonce{codec::LoadBig32(bytes->data() + 1),
                            codec::LoadBig64(bytes->data() + 5)};
  const BytesView sealed = BytesView(*bytes).substr(kTokenHead);
  std::string plain(sealed.size() - crypto::kTagBytes, '\0');
  if (!key.Open(nonce, BytesView(*bytes).substr(0, 1), sealed, plain.data())) return refused();
  return catalog::DecodeRecord<Session>(plain, kSessionVersion, "session", ReadSession);
}

}  // namespace tidemark::iam
