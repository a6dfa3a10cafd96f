#include "backup/arriving_files.h"

#include <gmock/gmock.h>

#include "backup/offered_files.h"
#include "base/files.h"
#include "base/test_directory.h"

namespace tidemark::backup {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

// An image here, and where its files arrive.
class ArrivingFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(MakeDirectories(image_));
    for (const auto& [name, content] : {std::pair("1.sst", one_), std::pair("CURRENT", current_)})
      ASSERT_TRUE(ReplaceFile(image_ + "/" + name, content));
    for (const std::string name : {"KEYS", "KEYS.new", "run-making-0.sst"})
      ASSERT_TRUE(ReplaceFile(image_ + "/" + name, "not sent"));
    offered_ = *OfferFiles(image_, stop_);
  }
  ArrivingFiles Begin() { return *ArrivingFiles::Begin(directory_, offered_); }
  steady_clock::time_point Later() { return steady_clock::now() + std::chrono::minutes(1); }

  TestDirectory temporary_;
  const std::string image_ = temporary_.path() / "image";
  const std::string directory_ = temporary_.path() / "arriving";
  const std::string one_ = std::string(10'000, 'a') + "end", current_ = "MANIFEST-1";
  const std::atomic<bool> stop_{false};
  std::vector<peer::OfferedFile> offered_;
};

TEST_F(ArrivingFilesTest, AreTheImagesWithoutKeys) {
  ASSERT_EQ(offered_.size(), 2u);
  EXPECT_EQ(offered_[0].name, "1.sst");
  EXPECT_EQ(offered_[0].bytes, one_.size());
  EXPECT_EQ(offered_[0].sha256, crypto::Sha256(one_));
  EXPECT_EQ(offered_[0].head, crypto::Sha256(one_.substr(0, peer::kHeadBytes)));
  EXPECT_EQ(offered_[1].head, crypto::Sha256(current_));
}

TEST_F(ArrivingFilesTest, BecomeAnImagePieceByPieceAlsoAfterARestart) {
  Begin();
  EXPECT_EQ(*Begin().Put("1.sst", 0, one_.substr(0, 6000)), 6000u);
  const auto lacked = Begin().Lacked();
  ASSERT_EQ(lacked.size(), 2u);
  EXPECT_EQ(lacked[0].offset, 6000u);
  EXPECT_EQ(*Begin().Put("1.sst", 0, one_), 6000u) << "what is there already";
  EXPECT_EQ(*Begin().Put("1.sst", 7000, one_.substr(7000)), 6000u) << "a gap";
  EXPECT_EQ(*Begin().Put("1.sst", 6000, one_.substr(6000)), one_.size());
  EXPECT_EQ(*Begin().Put("1.sst", 0, "again"), one_.size());
  EXPECT_EQ(*Begin().Put("CURRENT", 0, current_), current_.size());
  EXPECT_TRUE(Begin().Lacked().empty());
  ASSERT_TRUE(ReplaceFile(Begin().files_directory() + "/KEYS", "keys"));
  const std::string made = temporary_.path() / "made";
  ASSERT_TRUE(Begin().LinkInto(made));
  EXPECT_EQ(*ReadFile(made + "/1.sst"), one_);
  EXPECT_EQ(*ReadFile(made + "/CURRENT"), current_);
  EXPECT_EQ(*ReadFile(made + "/KEYS"), "keys");
}

TEST_F(ArrivingFilesTest, WithAByteChangedOnTheWayAreDroppedAndSentAgain) {
  const auto files = Begin();
  std::string changed = one_;
  changed[9999] ^= 1;
  EXPECT_EQ(*files.Put("1.sst", 0, changed), 0u);
  EXPECT_EQ(files.Lacked()[0].offset, 0u);
  EXPECT_FALSE(Exists(files.files_directory() + "/1.sst"));
  EXPECT_EQ(*files.Put("1.sst", 0, one_), one_.size());
}

TEST_F(ArrivingFilesTest, ThatWereWholeWhenTheCrashCameAreLookedAtWhenAsked) {
  const auto files = Begin();
  ASSERT_TRUE(ReplaceFile(files.files_directory() + "/1.sst.part", one_));
  EXPECT_EQ(files.Lacked()[0].offset, one_.size());
  EXPECT_EQ(*files.Put("1.sst", one_.size(), ""), one_.size());
  EXPECT_EQ(files.Lacked().size(), 1u);
}

TEST_F(ArrivingFilesTest, TakeNothingThatWasNotOffered) {
  const auto other = Begin().Put("2.sst", 0, "x");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("No file 2.sst was offered"));
  EXPECT_FALSE(Begin().Put("CURRENT", 0, current_ + "x"));
  EXPECT_EQ(Begin().Lacked().size(), 2u);
}

TEST_F(ArrivingFilesTest, ThatAreHereAreLinkedOnceTheyAreComparedWhole) {
  const std::string near = temporary_.path() / "near", damaged = temporary_.path() / "damaged";
  ASSERT_TRUE(MakeDirectories(near));
  ASSERT_TRUE(MakeDirectories(damaged));
  std::string other = one_;
  other.back() ^= 1;  // behind the head: looks the same at first
  ASSERT_TRUE(ReplaceFile(damaged + "/9.sst", other));
  EXPECT_TRUE(*Begin().LinkFrom({damaged, temporary_.path() / "gone"}, Later()));
  EXPECT_EQ(Begin().Lacked().size(), 2u);
  ASSERT_TRUE(ReplaceFile(near + "/7.sst", one_));
  EXPECT_FALSE(*Begin().LinkFrom({damaged, near}, steady_clock::now() - std::chrono::seconds(1)));
  EXPECT_TRUE(*Begin().LinkFrom({damaged, near}, Later()));
  const auto lacked = Begin().Lacked();
  ASSERT_EQ(lacked.size(), 1u);
  EXPECT_EQ(lacked[0].name, "CURRENT");
  EXPECT_EQ(*ReadFile(Begin().files_directory() + "/1.sst"), one_);
}

TEST_F(ArrivingFilesTest, OfChangesLieOverTheBasesAndAreItsNextRun) {
  const std::string older = temporary_.path() / "older", made = temporary_.path() / "made";
  ASSERT_TRUE(MakeDirectories(older));
  for (const std::string name : {"5.sst", "CURRENT", "KEYS", "run.sst", "run-1.sst", "run-10.sst"})
    ASSERT_TRUE(ReplaceFile(older + "/" + name, name));
  offered_ = {offered_[0]};
  offered_[0].name = peer::kChangesFile;
  const auto begin = [&] {
    return *ArrivingFiles::BeginChanges(directory_, {"base", older}, offered_);
  };
  EXPECT_EQ(*begin().Put("changes.sst", 0, one_.substr(0, 10)), 10u);
  ASSERT_TRUE(RemoveTree(older));  // it is not needed any more
  EXPECT_EQ(begin().Lacked()[0].offset, 10u);
  EXPECT_EQ(*begin().Put("changes.sst", 10, one_.substr(10)), one_.size());
  const auto files = *ArrivingFiles::Open(directory_);
  EXPECT_EQ(files.base(), "base");
  EXPECT_TRUE(files.Lacked().empty());
  EXPECT_FALSE(Exists(files.files_directory() + "/KEYS")) << "those of both are put there";
  ASSERT_TRUE(ReplaceFile(files.files_directory() + "/KEYS", "keys"));
  ASSERT_TRUE(files.LinkInto(made));
  EXPECT_EQ(*ReadFile(made + "/run-11.sst"), one_);
  for (const std::string name : {"5.sst", "CURRENT", "run.sst", "run-1.sst", "run-10.sst"})
    EXPECT_EQ(*ReadFile(made + "/" + name), name);
  EXPECT_EQ(ListDirectory(made)->size(), 7u);
  EXPECT_EQ(Begin().Lacked().size(), 1u) << "without the base it is another offer";
}

TEST_F(ArrivingFilesTest, BeginAnewWhenOthersAreOffered) {
  EXPECT_EQ(*Begin().Put("1.sst", 0, one_), one_.size());
  offered_[1].bytes += 1;
  EXPECT_EQ(Begin().Lacked().size(), 2u);
}

}  // namespace
}  // namespace tidemark::backup
