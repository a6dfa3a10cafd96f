#include "kms/keys.h"

#include <gtest/gtest.h>

#include "kms/ciphertext.h"
#include "kms/fault.h"
#include "kms/grants.h"

namespace tidemark::kms {
namespace {

const crypto::Key256 kMaterial = crypto::Key256::FromBytes(Bytes(32, 'm'));

SealedUnder Under() { return {.key = KeyId::Make(TheSystemRandom()), .material = 3}; }

TEST(Ciphertext, OpensWithItsContextAlone) {
  const auto under = Under();
  const EncryptionContext context{{"a", "1"}, {"b", "2"}};
  const Bytes sealed = SealMessage(kMaterial, under, context, "message", TheSystemRandom());
  const auto named = ReadSealedUnder(sealed);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->key, under.key);
  EXPECT_EQ(named->material, 3u);
  EXPECT_EQ(OpenMessage(kMaterial, context, sealed).value(), "message");
  for (const EncryptionContext& other : {EncryptionContext{}, EncryptionContext{{"a", "1"}},
                                         EncryptionContext{{"a", "1b"}, {"", "2"}}}) {
    const auto opened = OpenMessage(kMaterial, other, sealed);
    ASSERT_FALSE(opened);
    EXPECT_EQ(FaultOf(opened.error())->fault, Fault::kInvalidCiphertext);
  }
}

TEST(Ciphertext, NoticesEveryChangedByteAndEveryCut) {
  const Bytes sealed = SealMessage(kMaterial, Under(), {}, "message", TheSystemRandom());
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(OpenMessage(kMaterial, {}, changed)) << i;
    EXPECT_FALSE(OpenMessage(kMaterial, {}, sealed.substr(0, i))) << i;
  }
}

TEST(Ciphertext, IsNeverTheSameTwice) {
  const auto under = Under();
  EXPECT_NE(SealMessage(kMaterial, under, {}, "x", TheSystemRandom()),
            SealMessage(kMaterial, under, {}, "x", TheSystemRandom()));
}

KeyRecord FullKey() {
  KeyRecord key;
  key.account = AccountId("123456789012");
  key.region = Region("us-east-1");
  key.id = KeyId::Make(TheSystemRandom());
  key.state = KeyState::kPendingDeletion;
  key.of_service = true;
  key.description = "say \"what\"";
  key.created = FromMicros(1);
  key.deletion = FromMicros(2);
  key.policy = DefaultKeyPolicy(key.account);
  key.tags = {{"a", "1"}, {"b", ""}};
  key.rotation = {.enabled = true, .period_days = 90, .from = FromMicros(3)};
  key.materials = {{.id = "m0", .wrapped = Bytes("\0\xff", 2), .created = FromMicros(4)},
                   {.id = "m1", .created = FromMicros(5), .rotation = RotationType::kOnDemand}};
  return key;
}

TEST(Records, ComeBackAsTheyWere) {
  const KeyRecord key = FullKey();
  EXPECT_EQ(DecodeKey(EncodeKey(key)).value(), key);
  const AliasRecord alias{.account = key.account,
                          .region = key.region,
                          .name = "alias/x",
                          .key = key.id,
                          .created = FromMicros(1),
                          .updated = FromMicros(2)};
  EXPECT_EQ(DecodeAlias(EncodeAlias(alias)).value(), alias);
  GrantRecord grant{.id = std::string(64, 'a'),
                    .key = key.id,
                    .name = "n",
                    .created = FromMicros(1),
                    .grantee = "arn:g",
                    .retiring = "arn:r",
                    .issuer = "arn:i",
                    .operations = {"Decrypt"},
                    .context_subset = {{"a", "1"}},
                    .has_subset = true};
  EXPECT_EQ(DecodeGrant(EncodeGrant(grant)).value(), grant);
  EXPECT_EQ(DecodeKey(R"({"version":2})").error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(DecodeKey("{}").error().kind, ErrorKind::kCorruption);
}

TEST(Rotation, CountsFromTheLastAutomaticOne) {
  KeyRecord key = FullKey();
  const auto days = [](int n) { return std::chrono::hours(24) * n; };
  EXPECT_EQ(*key.NextRotation(), FromMicros(3) + days(90));
  key.materials.push_back({.created = FromMicros(10), .rotation = RotationType::kAutomatic});
  EXPECT_EQ(*key.NextRotation(), FromMicros(10) + days(90));
  key.rotation.enabled = false;
  EXPECT_FALSE(key.NextRotation());
}

TEST(Grants, AreBoundToContexts) {
  GrantRecord grant{.operations = {"Decrypt"}, .context_subset = {{"a", "1"}}, .has_subset = true};
  EXPECT_TRUE(grant.Fits({{"a", "1"}, {"b", "2"}}));
  EXPECT_FALSE(grant.Fits({{"a", "2"}}));
  EXPECT_FALSE(grant.Fits({}));
  grant = {.context_equals = {{"a", "1"}}, .has_equals = true};
  EXPECT_TRUE(grant.Fits({{"a", "1"}}));
  EXPECT_FALSE(grant.Fits({{"a", "1"}, {"b", "2"}}));
  grant.id = std::string(64, '7');
  grant.key = KeyId::Make(TheSystemRandom());
  const auto named = ReadToken(TokenOf(grant));
  ASSERT_TRUE(named);
  EXPECT_EQ(named->key, grant.key);
  EXPECT_EQ(named->grant, grant.id);
  EXPECT_FALSE(ReadToken("no token"));
}

TEST(KeyPolicy, HasPrincipalsAndMayHaveAnySid) {
  EXPECT_TRUE(CheckKeyPolicy(DefaultKeyPolicy(AccountId("123456789012"))));
  const auto without =
      CheckKeyPolicy(R"({"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]})");
  ASSERT_FALSE(without);
  EXPECT_EQ(FaultOf(without.error())->fault, Fault::kMalformedPolicy);
}

}  // namespace
}  // namespace tidemark::kms
