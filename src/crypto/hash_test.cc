#include "crypto/hash.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <utility>

#include "crypto/hasher.h"
#include "crypto/hkdf.h"

namespace tidemark::crypto {
namespace {

std::string Hex(const uint8_t* bytes, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}
std::string Hex(const Digest256& digest) { return Hex(digest.data(), digest.size()); }

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256Hasher, GivesTheSameInPieces) {
  Sha256Hasher hasher;
  hasher.Add("a");
  hasher.Add("");
  Sha256Hasher moved = std::move(hasher);
  moved.Add("bc");
  EXPECT_EQ(moved.Finish(), Sha256("abc"));
  EXPECT_EQ(Sha256Hasher().Finish(), Sha256(""));
}

TEST(HmacSha256, MatchesRfc4231) {
  EXPECT_EQ(Hex(HmacSha256(Bytes(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      Hex(HmacSha256(Bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacKey, SignsRepeatedlyAndMoves) {
  HmacKey key("Jefe");
  Digest256 expected = HmacSha256("Jefe", "x");
  EXPECT_EQ(key.Sign("x"), expected);
  EXPECT_EQ(key.Sign("x"), expected);
  HmacKey moved = std::move(key);
  EXPECT_EQ(moved.Sign("x"), expected);
  HmacKey other("other");
  other = std::move(moved);
  EXPECT_EQ(other.Sign("x"), expected);
}

// Computed with `openssl kdf`.
TEST(Hkdf, MatchesAnotherImplementation) {
  Bytes bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(i));
  Key256 key = Key256::FromBytes(bytes);
  EXPECT_EQ(Hex(Hkdf(key, "salt", "info").data(), 32),
            "64cc2a23b7a1da4310420350405fdf5d632cb9bda3700d753e96cbcfeb81d449");
  EXPECT_EQ(Hex(Hkdf(key, "", "table").data(), 32),
            "b75cb6f85478daf86f40793bf99e97083a334548d552f7164fb8e942027b227a");
}

TEST(EqualConstantTime, Compares) {
  EXPECT_TRUE(EqualConstantTime("abc", "abc"));
  EXPECT_TRUE(EqualConstantTime("", ""));
  EXPECT_FALSE(EqualConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualConstantTime("abc", "ab"));
}

}  // namespace
}  // namespace tidemark::crypto
