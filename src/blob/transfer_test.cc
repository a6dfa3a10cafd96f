#include "blob/transfer.h"

#include <gtest/gtest.h>

#include "blob/decorators/forwarding_store.h"
#include "blob/mem/mem_store.h"

namespace tidemark::blob {
namespace {

// Another put of the same name comes behind the first piece that is read.
class ReplacedStore final : public ForwardingStore {
 public:
  ReplacedStore(BlobStore& base, Bytes content) : ForwardingStore(base), content_(content) {}
  Result<BlobPart> Get(std::string_view name, ByteRange range) override {
    auto part = ForwardingStore::Get(name, range);
    EXPECT_TRUE(ForwardingStore::Put(name, MemorySource(content_), {}));
    return part;
  }

 private:
  const Bytes content_;
};

// Also by the same content: each put is a blob of its own.
TEST(Transfer, SaysThatABlobWasReplacedWhileItWasReadAndDoesNotCallItDamaged) {
  for (const Bytes& content : {Bytes("87654321"), Bytes("12345678")}) {
    MemStore mem;
    ASSERT_TRUE(mem.Put("name", MemorySource("12345678"), {}));
    ReplacedStore store(mem, content);
    const auto read = Verify(store, "name", 3);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable) << read.error().message;
    EXPECT_TRUE(Verify(mem, "name", 3));
  }
}

}  // namespace
}  // namespace tidemark::blob
