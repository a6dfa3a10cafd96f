// What two servers tell each other of a copy (docs/formats/peer_copies.md). Values, and their JSON;
// pure. What is read is foreign: kSerialization.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace tidemark::peer {

// Where copies are offered: kCopiesPath ACCOUNT "/" JOB, then "/" and a file's name, or kFinish.
inline constexpr std::string_view kCopiesPath = "/_tidemark/copies/";
inline constexpr std::string_view kFinish = "finish";  // no file is called so
inline constexpr std::string_view kSignedService = "backup";
inline constexpr uint64_t kPieceBytesMax = 4 << 20;
inline constexpr uint64_t kHeadBytes = 4096;  // of a sealed file: no two begin alike

// A file of the backup, as it lies with who sends it.
struct OfferedFile {
  std::string name;
  uint64_t bytes = 0;
  crypto::Digest256 sha256{};
  crypto::Digest256 head{};  // of its first kHeadBytes
  bool operator==(const OfferedFile&) const = default;
};

// By which files are sealed.
struct SentKey {
  std::array<uint8_t, 16> generation{};
  bool current = false;
  crypto::Key256 key;
  bool operator==(const SentKey&) const = default;
};

// What only the two servers read.
struct CopyTerms {
  std::string source_account;
  std::string point, backup;  // records, as JSON
  int64_t seconds = 0;        // after which nobody asks for the copy any more
  std::vector<SentKey> keys;
  bool operator==(const CopyTerms&) const = default;
};

struct CopyOffer {
  std::string vault_arn;  // to where
  Bytes terms;            // sealed
  // Recovery points of the same table that were made before, by their ARNs here, the newest first:
  // of what the other server has of them the copy could be made, with the rows that changed.
  std::vector<std::string> bases;
  // The one it is to be made of. Then `files` has kChangesFile alone, or nothing if no row did.
  std::string base;
  std::vector<OfferedFile> files;
};

inline constexpr std::string_view kChangesFile = "changes.sst";

enum class CopyState {
  kLooking,   // still looks which files it has: ask again
  kArriving,  // lacks files, or has not been told to finish
  kCompleted
};

struct LackedFile {
  std::string name;
  uint64_t offset = 0;  // how much of it is there
};

struct CopyStatus {
  CopyState state = CopyState::kArriving;
  std::string point_arn;  // of the copy
  std::vector<LackedFile> lacked;
  std::string base;  // the first of the offer's bases that is there; empty: none is
};

std::string WriteTerms(const CopyTerms& terms);
Result<CopyTerms> ReadTerms(std::string_view json);
std::string WriteOffer(const CopyOffer& offer);
Result<CopyOffer> ReadOffer(std::string_view json);
std::string WriteFiles(const std::vector<OfferedFile>& files);
Result<std::vector<OfferedFile>> ReadFiles(std::string_view json);
std::string WriteStatus(const CopyStatus& status);
Result<CopyStatus> ReadStatus(std::string_view json);

// Whether it can be a file's name here, and a part of a path.
bool IsFileName(std::string_view name);

}  // namespace tidemark::peer
