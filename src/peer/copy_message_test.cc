#include <gmock/gmock.h>

#include "peer/sealed_terms.h"

namespace tidemark::peer {
namespace {

using testing::HasSubstr;

CopyTerms SomeTerms() {
  return {
      .source_account = "123456789012",
      .point = R"({"arn":"a"})",
      .backup = "{}",
      .seconds = 7,
      .keys = {
          {.generation = {1, 2}, .current = true, .key = crypto::Key256::Make(TheSystemRandom())},
          {.generation = {3}, .key = crypto::Key256::Make(TheSystemRandom())}}};
}

OfferedFile SomeFile(const std::string& name) {
  return {.name = name,
          .bytes = 5,
          .sha256 = crypto::Sha256(name),
          .head = crypto::Sha256("head of " + name)};
}

TEST(CopyMessage, ReadsWhatWasWritten) {
  const CopyOffer offer{.vault_arn = "arn:aws:backup:r:1:backup-vault:v",
                        .terms = std::string("\0\xff", 2),
                        .bases = {"newer", "older"},
                        .base = "older",
                        .files = {SomeFile("000012.sst"), SomeFile("CURRENT")}};
  const auto read = ReadOffer(WriteOffer(offer));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->vault_arn, offer.vault_arn);
  EXPECT_EQ(read->terms, offer.terms);
  EXPECT_EQ(read->bases, offer.bases);
  EXPECT_EQ(read->base, offer.base);
  EXPECT_EQ(read->files, offer.files);
  EXPECT_EQ(*ReadFiles(WriteFiles(offer.files)), offer.files);
  const auto status = ReadStatus(WriteStatus({.state = CopyState::kCompleted,
                                              .point_arn = "arn",
                                              .lacked = {{"run.sst", 1ull << 40}},
                                              .base = "b"}));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, CopyState::kCompleted);
  EXPECT_EQ(status->point_arn, "arn");
  EXPECT_EQ(status->base, "b");
  ASSERT_EQ(status->lacked.size(), 1u);
  EXPECT_EQ(status->lacked[0].offset, 1ull << 40);
}

TEST(CopyMessage, RefusesNamesThatAreNoFilesHere) {
  for (const std::string name : {"../x", "a/b", ".hidden", "", "finish", "a b", "a\nb"}) {
    EXPECT_FALSE(IsFileName(name)) << name;
    EXPECT_FALSE(ReadFiles(WriteFiles({SomeFile(name)}))) << name;
  }
  OfferedFile empty = SomeFile("CURRENT");
  empty.bytes = 0;
  EXPECT_FALSE(ReadFiles(WriteFiles({empty})));
}

TEST(CopyMessage, RefusesOtherVersionsAndCutMessages) {
  const auto other = ReadOffer(R"({"version":2})");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("run the same release"));
  const std::string whole = WriteOffer({.vault_arn = "v", .terms = "t", .files = {SomeFile("f")}});
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(ReadOffer(whole.substr(0, size)));
  const auto without = ReadStatus(R"({"version":1,"state":"GONE","point":"","lacked":[]})");
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("state"));
}

TEST(SealedTerms, OpenForWhoKnowsTheSecret) {
  const CopyTerms terms = SomeTerms();
  const Bytes sealed = SealTerms(terms, "secret", "JOB", TheSystemRandom());
  const auto opened = OpenTerms(sealed, "secret", "JOB");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, terms);
  EXPECT_EQ(sealed.find("123456789012"), Bytes::npos);
  EXPECT_NE(SealTerms(terms, "secret", "JOB", TheSystemRandom()), sealed);
  EXPECT_FALSE(OpenTerms(sealed, "Secret", "JOB"));
  EXPECT_FALSE(OpenTerms(sealed, "secret", "JOC")) << "of another copy";
}

TEST(SealedTerms, DoNotOpenOnceAByteIsAnother) {
  const Bytes sealed = SealTerms(SomeTerms(), "secret", "JOB", TheSystemRandom());
  for (size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(OpenTerms(changed, "secret", "JOB")) << at;
  }
  for (size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(OpenTerms(BytesView(sealed).substr(0, size), "secret", "JOB")) << size;
}

}  // namespace
}  // namespace tidemark::peer
