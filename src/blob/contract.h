// The contract suite: what every BlobStore must do, whatever lies beneath (contract_fixture.cc).
//   INSTANTIATE_TEST_SUITE_P(Mem, BlobStoreContract, testing::Values(contract));
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "blob/blob_store.h"

namespace tidemark::blob {

struct StoreUnderTest {
  std::shared_ptr<void> keeps_alive;  // what the store stands on: goes last
  std::unique_ptr<BlobStore> store;   // empty
  // Changes the blob's bytes behind the store's back, not their checksum.
  std::function<void(const std::string& name)> damage;
};

// The same store failing one call in four (faulty_store.h), and one that tries again over it.
StoreUnderTest WithFaults(StoreUnderTest inner);

struct Contract {
  std::string name;  // of the store, for messages
  std::function<StoreUnderTest()> open;
  uint64_t big_bytes = 3 << 20;  // of a blob that takes more than one piece
  size_t many = 2500;            // blobs to list
  int threads = 8;
};

inline void PrintTo(const Contract& contract, std::ostream* out) { *out << contract.name; }

class BlobStoreContract : public testing::TestWithParam<Contract> {
 protected:
  void SetUp() override;
  BlobStore& store() { return *under_test_.store; }
  void Put(std::string_view name, BytesView content);  // must succeed
  std::string GetAll(std::string_view name);           // content, or "kind: message"

  StoreUnderTest under_test_;
};

}  // namespace tidemark::blob
