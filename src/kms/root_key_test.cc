#include "kms/root_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kms/root_key_provider.h"

namespace tidemark::kms {
namespace {

using testing::HasSubstr;

class RootKeyTest : public testing::Test {
 protected:
  RootKeyTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "root_key_XXXXXX";
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/root.key";
  }
  ~RootKeyTest() override { std::filesystem::remove_all(directory_); }

  Bytes Content() {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Replace(BytesView bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    chmod(path_.c_str(), 0600);
  }
  Error LoadError() {
    auto root = RootKey::Load(path_);
    EXPECT_FALSE(root);
    return root ? Error{} : root.error();
  }

  std::string directory_;
  std::string path_;
};

TEST_F(RootKeyTest, LoadsWhatItCreated) {
  auto made = RootKey::Create(path_, TheSystemRandom());
  ASSERT_TRUE(made) << made.error().message;
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(info.st_size, 44);
  auto loaded = RootKey::Load(path_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(loaded->key() == made->key());
  EXPECT_EQ(loaded->Id(), made->Id());
  EXPECT_EQ(made->Id().size(), 16u);
}

TEST_F(RootKeyTest, NeverReplacesAFileAndLeavesNothingBehind) {
  ASSERT_TRUE(RootKey::Create(path_, TheSystemRandom()));
  Bytes before = Content();
  auto again = RootKey::Create(path_, TheSystemRandom());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(Content(), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(RootKeyTest, CannotBeCreatedInAMissingDirectory) {
  auto root = RootKey::Create(directory_ + "/absent/root.key", TheSystemRandom());
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().kind, ErrorKind::kNotFound);
}

TEST_F(RootKeyTest, RefusesLooserPermissionsAndSaysWhatToDo) {
  ASSERT_TRUE(RootKey::Create(path_, TheSystemRandom()));
  for (mode_t mode : {0644, 0640, 0602, 0601}) {
    chmod(path_.c_str(), mode);
    Error error = LoadError();
    EXPECT_EQ(error.kind, ErrorKind::kAccessDenied);
    EXPECT_THAT(error.message, HasSubstr("Run: chmod 600 " + path_));
  }
  chmod(path_.c_str(), 0400);
  EXPECT_TRUE(RootKey::Load(path_));
}

TEST_F(RootKeyTest, RefusesWrongSizesAndDamage) {
  EXPECT_EQ(LoadError().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(RootKey::Create(path_, TheSystemRandom()));
  const Bytes good = Content();
  for (const Bytes& bad : {Bytes(), Bytes(32, 'k'), good.substr(0, 43), good + "x", good + good,
                           "X" + good.substr(1)}) {
    Replace(bad);
    Error error = LoadError();
    EXPECT_EQ(error.kind, ErrorKind::kCorruption);
    EXPECT_THAT(error.message, HasSubstr("Put the file back from your copy"));
    EXPECT_THAT(error.message, testing::Not(HasSubstr("44 bytes, expected 44")));
  }
  Bytes flipped = good;
  flipped[20] ^= 1;
  Replace(flipped);
  EXPECT_THAT(LoadError().message, HasSubstr("damaged (checksum)"));
  Bytes newer = good;
  newer[7] = 2;
  Replace(newer);
  EXPECT_THAT(LoadError().message, HasSubstr("has version 2, this server reads 1"));
  Replace(good);
  EXPECT_TRUE(RootKey::Load(path_));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(LoadError().kind, ErrorKind::kCorruption);
}

TEST(RootKeyProvider, UnwrapsWhatItGeneratedForTheSameContextOnly) {
  RootKey root(crypto::Key256::Make(TheSystemRandom()));
  RootKeyProvider provider(root, TheSystemRandom());
  auto made = provider.Generate("log us-east-1");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->wrapped.size(), 69u);
  EXPECT_THAT(made->wrapped, testing::Not(HasSubstr(std::string(made->key.view()))));

  RootKeyProvider restarted(root, TheSystemRandom());
  auto key = restarted.Unwrap(made->wrapped, "log us-east-1");
  ASSERT_TRUE(key);
  EXPECT_TRUE(*key == made->key);
  auto other = provider.Unwrap(made->wrapped, "log us-east-2");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::kCorruption);
}

TEST(RootKeyProvider, WrapsWithANewNonceEachTime) {
  RootKeyProvider provider(RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom());
  crypto::Key256 key = crypto::Key256::Make(TheSystemRandom());
  Bytes first = provider.Wrap(key, "c").value();
  EXPECT_NE(first, provider.Wrap(key, "c").value());
  EXPECT_TRUE(provider.Unwrap(first, "c").value() == key);
}

TEST(RootKeyProvider, RefusesAnyChange) {
  RootKeyProvider provider(RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom());
  Bytes wrapped = provider.Generate("c").value().wrapped;
  for (size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    Bytes bad = wrapped;
    bad[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    auto key = provider.Unwrap(bad, "c");
    ASSERT_FALSE(key) << "bit " << bit;
    ASSERT_EQ(key.error().kind, ErrorKind::kCorruption);
  }
  for (size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_FALSE(provider.Unwrap(BytesView(wrapped).substr(0, size), "c"));
  }
}

TEST(RootKeyProvider, NamesAForeignRootKey) {
  RootKey mine(crypto::Key256::Make(TheSystemRandom()));
  RootKey other(crypto::Key256::Make(TheSystemRandom()));
  Bytes wrapped = RootKeyProvider(other, TheSystemRandom()).Generate("c").value().wrapped;
  auto key = RootKeyProvider(mine, TheSystemRandom()).Unwrap(wrapped, "c");
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().message, HasSubstr("wrapped by root key " + other.Id()));
  EXPECT_THAT(key.error().message, HasSubstr("this server's is " + mine.Id()));
}

}  // namespace
}  // namespace tidemark::kms
