#include "iam/sessions.h"

#include <charconv>

#include "iam/entity_id.h"

namespace tidemark::iam {
namespace {

constexpr size_t kOpenedMax = 4096;
constexpr std::string_view kSessionKeyPrefix = "ASIA";
constexpr size_t kSessionKeySize = 20;
constexpr size_t kAccountLetters = 8;  // 40 bits
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// ASIA, the account's number, then 40 random bits: so that the account can be told from the id.
// Two sessions with one id do not disturb each other: each is known by its token.
AccessKeyId MakeSessionKeyId(const AccountId& account, Random& random) {
  uint64_t number = 0;
  std::from_chars(account.value.data(), account.value.data() + account.value.size(), number);
  std::string letters(kAccountLetters, 'A');
  for (size_t i = kAccountLetters; i-- > 0; number /= kBase32.size())
    letters[i] = kBase32[number % kBase32.size()];
  return AccessKeyId(MakeId(std::string(kSessionKeyPrefix) + letters, kSessionKeySize, random));
}

}  // namespace

std::optional<AccountId> Sessions::AccountOf(std::string_view id) {
  if (!id.starts_with(kSessionKeyPrefix) || id.size() != kSessionKeySize) return std::nullopt;
  uint64_t number = 0;
  for (const char c : id.substr(kSessionKeyPrefix.size(), kAccountLetters)) {
    const size_t digit = kBase32.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number * kBase32.size() + digit;
  }
  if (number > 999'999'999'999) return std::nullopt;
  return AccountId(fmt::format("{:012}", number));
}

Result<IssuedSession> Sessions::Issue(Session session) const {
  session.access_key = MakeSessionKeyId(session.account, random_);
  session.secret = MakeSecret(random_);
  if (const size_t size = session.PackedBytes(); size > kPackedMax) {
    return Fail(ErrorKind::kRequestTooLarge,
                "Packed size of session policies and tags consumes {}% of the allotted space.",
                (size * 100 + kPackedMax - 1) / kPackedMax);
  }
  std::string token = SealSession(session, directory_.session_key(), random_);
  return IssuedSession{std::make_shared<const Session>(std::move(session)), std::move(token)};
}

std::shared_ptr<const Credential> Sessions::Find(const AccessKeyId& access_key,
                                                 std::string_view token) const {
  const uint64_t generation = directory_.generation();
  SessionPtr session;
  {
    std::lock_guard lock(mutex_);
    const auto at = opened_.find(token);
    if (at != opened_.end()) {
      if (at->second.session->access_key != access_key) return nullptr;
      if (at->second.generation == generation) return at->second.credential;
      session = at->second.session;
    }
  }
  if (!session) {
    auto opened = OpenSession(token, directory_.session_key());
    if (!opened || opened->access_key != access_key) return nullptr;
    session = std::make_shared<const Session>(*std::move(opened));
  }
  auto credential = MakeCredential(session, token);
  std::lock_guard lock(mutex_);
  if (opened_.size() >= kOpenedMax) opened_.clear();
  opened_.insert_or_assign(std::string(token), Opened{session, generation, credential});
  return credential;
}

std::optional<LastUse::Value> Sessions::LastUseOf(const std::string& entity_id) const {
  std::lock_guard lock(mutex_);
  const auto at = last_uses_.find(entity_id);
  return at == last_uses_.end() ? std::nullopt : at->second->Get();
}

std::shared_ptr<const Credential> Sessions::MakeCredential(const SessionPtr& session,
                                                           std::string_view token) const {
  Credential credential{.secret = session->secret,
                        .account = session->account,
                        .session_token = std::string(token),
                        .session = session};
  std::shared_ptr<const Identity> of;
  if (!session->entity_id.empty()) {
    of = directory_.FindIdentity(session->account, session->entity_id);
    if (!of) return nullptr;
  }
  if (!of && session->kind == Session::Kind::kUser) {
    credential.is_root = true;
    credential.arn = fmt::format("arn:aws:iam::{}:root", session->account.value);
    return std::make_shared<const Credential>(std::move(credential));
  }
  auto managed = directory_.Find(session->account)->FindPolicies(session->policy_arns);
  credential.identity = Identity::OfSession(std::move(of), session, std::move(managed));
  credential.arn = credential.identity->arn();
  if (session->kind == Session::Kind::kRole) {
    std::lock_guard lock(mutex_);
    auto& last_use = last_uses_[session->entity_id];
    if (!last_use) last_use = std::make_shared<LastUse>();
    credential.last_use = last_use;
  }
  return std::make_shared<const Credential>(std::move(credential));
}

}  // namespace tidemark::iam
