#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <new>

namespace tidemark::crypto {
namespace {

TEST(Key256, IsRandomAndCopies) {
  Key256 a = Key256::Make(TheSystemRandom());
  Key256 b = Key256::Make(TheSystemRandom());
  EXPECT_FALSE(a == b);
  EXPECT_FALSE(a == Key256());
  Key256 copy = a;
  EXPECT_TRUE(copy == a);
  EXPECT_TRUE(Key256::FromBytes(a.view()) == a);
}

TEST(Key256, IsWipedWhenItGoes) {
  alignas(Key256) unsigned char storage[sizeof(Key256)];
  auto* key = new (storage) Key256(Key256::FromBytes(Bytes(32, '\x5a')));
  ASSERT_EQ(storage[0], 0x5a);
  key->~Key256();
  for (unsigned char byte : storage) EXPECT_EQ(byte, 0);
}

}  // namespace
}  // namespace tidemark::crypto
