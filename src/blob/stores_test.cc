// The contract suite over the stores that need nothing but this machine.
#include <fstream>

#include "base/files.h"
#include "base/test_directory.h"
#include "blob/contract.h"
#include "blob/local/blob_path.h"
#include "blob/local/local_store.h"
#include "blob/mem/mem_store.h"

namespace tidemark::blob {
namespace {

StoreUnderTest OpenMem() {
  auto store = std::make_unique<MemStore>();
  MemStore* const borrowed = store.get();
  return {.keeps_alive = nullptr,
          .store = std::move(store),
          .damage = [borrowed](const std::string& name) { borrowed->Damage(name); }};
}

void DamageFile(const std::string& directory, const std::string& name) {
  const std::string blob = directory + "/blobs/" + PathOf(name);
  const auto entries = ListDirectory(blob);
  ASSERT_TRUE(entries && entries->size() == 1);
  std::fstream file(blob + "/" + entries->front(), std::ios::in | std::ios::out);
  file.seekp(1);
  file.put('!');
}

StoreUnderTest OpenLocal() {
  auto directory = std::make_shared<TestDirectory>();
  auto store = LocalStore::Open(directory->path() / "store");
  EXPECT_TRUE(store);
  return {.keeps_alive = directory,
          .store = std::move(*store),
          .damage = [directory](const std::string& name) {
            DamageFile(directory->path() / "store", name);
          }};
}

std::string NameOf(const testing::TestParamInfo<Contract>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Here, BlobStoreContract,
                         testing::Values(Contract{.name = "Mem", .open = OpenMem},
                                         Contract{.name = "MemWithFaults",
                                                  .open = [] { return WithFaults(OpenMem()); }},
                                         Contract{.name = "Local", .open = OpenLocal, .many = 300},
                                         Contract{.name = "LocalWithFaults",
                                                  .open = [] { return WithFaults(OpenLocal()); },
                                                  .many = 100}),
                         NameOf);

}  // namespace
}  // namespace tidemark::blob
