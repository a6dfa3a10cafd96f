// Random faults in the objects of a bucket. Run by with_radosgw.py; TIDEMARK_S3_FAULTS: how many;
// without it 60.
#include "backup/faults_fixture.h"
#include "bucket.h"

namespace tidemark::backup {
namespace {

class RawObjects final : public RawBlobs {
 public:
  explicit RawObjects(const blob::S3Config& config) : client_(config) {}

  RawBlob Read(const std::string& name) override {
    auto answer = client_.Sent({.method = "GET", .key = name});
    RawBlob blob{.bytes = std::move(answer.body), .label = ""};
    for (const auto& [key, value] : blob::MetadataOf(answer))
      blob.label += key + ":" + value + "\n";
    return blob;
  }
  void Write(const std::string& name, const RawBlob& blob) override {
    blob::HttpHeaders metadata;
    for (size_t at = 0; at < blob.label.size();) {
      const size_t colon = blob.label.find(':', at), end = blob.label.find('\n', at);
      metadata.emplace_back(blob.label.substr(at, colon - at),
                            blob.label.substr(colon + 1, end - colon - 1));
      at = end + 1;
    }
    client_.Put(name, blob.bytes, metadata);
  }
  void Remove(const std::string& name) override { client_.Sent({.method = "DELETE", .key = name}); }

 private:
  blob::Client client_;
};

TEST_F(StoreFaults, OfABucketAreFoundAndNamedAndNothingComesBack) {
  const blob::S3Config config = blob::ConfigOf("faults");
  blob::MakeBucket(config);
  const auto store = blob::OpenStore(config);
  RawObjects objects(config);
  ASSERT_NO_FATAL_FAILURE(Begin(*store, objects));
  const std::string faults = blob::FromEnvironment("TIDEMARK_S3_FAULTS");
  ExpectEveryFaultIsFound(faults.empty() ? 60 : std::stoi(faults), 10);
}

}  // namespace
}  // namespace tidemark::backup
