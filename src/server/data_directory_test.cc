#include "server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

const AccountId kAccount("123456789012");

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest()
      : path_((fs::temp_directory_path() / ("tidemark-directory-" + std::to_string(::getpid())))
                  .string()) {
    fs::remove_all(path_);
  }
  ~DataDirectoryTest() override { fs::remove_all(path_); }

  Result<DataDirectory> Open(std::optional<auth::RootCredentials::Entry> given = {}) {
    return DataDirectory::Open(path_, kAccount, std::move(given), TheSystemRandom());
  }

  const std::string path_;
};

TEST_F(DataDirectoryTest, IsMadeOnceAndShowsItsCredentialsOnce) {
  std::string secret;
  {
    const auto made = Open();
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_TRUE(made->opened().made);
    ASSERT_TRUE(made->opened().new_credentials.has_value());
    secret = made->credentials().secret;
    EXPECT_EQ(secret.size(), 40u);
    EXPECT_EQ(made->credentials().access_key.value.size(), 20u);
    struct stat status;
    ASSERT_EQ(::stat((path_ + "/root.key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
  const auto again = Open();
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_FALSE(again->opened().made);
  EXPECT_FALSE(again->opened().new_credentials.has_value());
  EXPECT_EQ(again->credentials().secret, secret);
}

TEST_F(DataDirectoryTest, KeepsNoSecretInTheOpen) {
  const auto made = Open();
  ASSERT_TRUE(made.has_value());
  std::ifstream file(path_ + "/root-credentials", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(bytes.find(made->credentials().secret), std::string::npos);
}

TEST_F(DataDirectoryTest, IsLockedAgainstASecondServer) {
  const auto first = Open();
  ASSERT_TRUE(first.has_value());
  const auto second = Open();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::kAlreadyExists);
}

TEST_F(DataDirectoryTest, RefusesADirectoryOfSomethingElse) {
  fs::create_directories(path_);
  std::ofstream(path_ + "/thesis.txt") << "precious";
  const auto refused = Open();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("thesis.txt"), std::string::npos);
  EXPECT_TRUE(fs::exists(path_ + "/thesis.txt"));
  EXPECT_FALSE(fs::exists(path_ + "/LOCK")) << "nothing may be written there";
}

TEST_F(DataDirectoryTest, IsMadeReadyWhenItsMakingWasCutOff) {
  fs::create_directories(path_);
  std::ofstream(path_ + "/root.key.new-1a2b") << "half";
  const auto made = Open();
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_TRUE(made->opened().made);
}

TEST_F(DataDirectoryTest, SaysSoWhenTheRootKeyIsMissing) {
  ASSERT_TRUE(Open().has_value());
  fs::remove(path_ + "/root.key");
  const auto refused = Open();
  ASSERT_FALSE(refused.has_value());
  EXPECT_FALSE(fs::exists(path_ + "/root.key")) << "a new key would hide the loss of the old one";
}

TEST_F(DataDirectoryTest, OpensForToolsOnlyWhatIsThere) {
  const auto absent = DataDirectory::OpenExisting(path_);
  ASSERT_FALSE(absent.has_value());
  EXPECT_EQ(absent.error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(fs::exists(path_)) << "nothing may be made";
  {
    const auto server = Open();
    ASSERT_TRUE(server.has_value());
    const auto locked = DataDirectory::OpenExisting(path_);
    ASSERT_FALSE(locked.has_value());
    EXPECT_EQ(locked.error().kind, ErrorKind::kAlreadyExists);
  }
  const auto opened = DataDirectory::OpenExisting(path_);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->root_key().Id().size(), 16u);
}

TEST_F(DataDirectoryTest, CredentialsFromOutsideComeFirst) {
  const auto made =
      Open(auth::RootCredentials::Entry{AccessKeyId("AKIDGIVEN"), "given-secret", kAccount});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->credentials().secret, "given-secret");
  EXPECT_FALSE(fs::exists(path_ + "/root-credentials"));
}

}  // namespace
}  // namespace tidemark::server
