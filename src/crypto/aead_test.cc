#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/random.h"

namespace tidemark::crypto {
namespace {

Key256 CountingKey() {
  Bytes bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(i));
  return Key256::FromBytes(bytes);
}

Bytes Sealed(const Aead& aead, Nonce nonce, BytesView aad, BytesView plain) {
  Bytes out(plain.size() + kTagBytes, '\0');
  aead.Seal(nonce, aad, plain, out.data());
  return out;
}

std::string Hex(BytesView bytes) {
  std::string text;
  for (unsigned char c : bytes) text += fmt::format("{:02x}", c);
  return text;
}

// Computed with Python's `cryptography` (AESGCM).
TEST(Aead, MatchesAnotherLibrary) {
  Aead aead(CountingKey());
  EXPECT_EQ(Hex(Sealed(aead, {7, 0x102}, "header", "hello tidemark")),
            "5548911fb3b8de2c8c2a4da90af3f877576d48011cca455cfcc046c2a1ae");
  EXPECT_EQ(Hex(Sealed(aead, {7, 0x102}, "header", "")), "3cf7297e6f42c76d4c1b638d331883fc");
}

TEST(Aead, OpensWhatItSealedInPlace) {
  Aead aead(Key256::Make(TheSystemRandom()));
  for (size_t size : {0u, 1u, 15u, 16u, 4096u, 100'001u}) {
    Bytes plain = TheSystemRandom().String(size);
    Bytes buffer = plain + Bytes(kTagBytes, '\0');
    aead.Seal({1, size}, "", BytesView(buffer).substr(0, size), buffer.data());
    EXPECT_EQ(buffer, Sealed(aead, {1, size}, "", plain));
    ASSERT_TRUE(aead.Open({1, size}, "", buffer, buffer.data()));
    EXPECT_EQ(BytesView(buffer).substr(0, size), plain);
  }
}

TEST(Aead, RefusesAnyChange) {
  Aead aead(CountingKey());
  Bytes sealed = Sealed(aead, {1, 2}, "aad", "some plain text");
  Bytes out(sealed.size(), '\0');
  auto refused = [&](const Aead& key, Nonce nonce, BytesView aad, BytesView bytes) {
    auto result = key.Open(nonce, aad, bytes, out.data());
    return !result && result.error().kind == ErrorKind::kCorruption;
  };
  ASSERT_TRUE(aead.Open({1, 2}, "aad", sealed, out.data()));
  for (size_t i = 0; i < sealed.size() * 8; ++i) {
    Bytes bad = sealed;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));
    ASSERT_TRUE(refused(aead, {1, 2}, "aad", bad)) << "bit " << i;
  }
  EXPECT_TRUE(refused(aead, {1, 3}, "aad", sealed));
  EXPECT_TRUE(refused(aead, {2, 2}, "aad", sealed));
  EXPECT_TRUE(refused(aead, {1, 2}, "aae", sealed));
  EXPECT_TRUE(refused(aead, {1, 2}, "", sealed));
  EXPECT_TRUE(refused(aead, {1, 2}, "aad", BytesView(sealed).substr(1)));
  EXPECT_TRUE(refused(aead, {1, 2}, "aad", BytesView(sealed).substr(0, kTagBytes - 1)));
  EXPECT_TRUE(refused(Aead(Key256()), {1, 2}, "aad", sealed));
  EXPECT_TRUE(aead.Open({1, 2}, "aad", sealed, out.data())) << "works after failures";
}

TEST(Aead, ServesManyThreads) {
  Aead aead(CountingKey());
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 12; ++t) {  // more than the contexts it keeps
    threads.emplace_back([&, t] {
      Bytes plain(1000 + t, static_cast<char>(t)), out(plain.size(), '\0');
      for (uint64_t i = 0; i < 300; ++i) {
        Bytes sealed = Sealed(aead, {t, i}, "x", plain);
        if (!aead.Open({t, i}, "x", sealed, out.data()) || out != plain) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace tidemark::crypto
