#include "codec/base64.h"

#include <gtest/gtest.h>

#include <random>

namespace tidemark::codec {
namespace {

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (auto [bytes, text] : vectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text).value(), bytes);
  }
}

TEST(Base64, UsesPlusAndSlash) {
  EXPECT_EQ(EncodeBase64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(DecodeBase64("+//+").value(), "\xfb\xff\xfe");
}

TEST(Base64, RefusesEverythingButTheOneText) {
  for (std::string_view text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Zm 9v",
        "====", "Zg==Zg==", "Z===", "=Zg=", "Zm9v=", "-_-_", "Zm9vA===", "Zm\x80v"}) {
    Bytes out = "kept";
    auto result = AppendFromBase64(text, &out);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::kSerialization);
    EXPECT_EQ(out, "kept");
  }
}

TEST(Base64, ReadsBackWhatItWrote) {
  constexpr uint64_t kSeed = 7;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 1000; ++round) {
    Bytes bytes(random() % 100, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(DecodeBase64(EncodeBase64(bytes)).value(), bytes) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace tidemark::codec
