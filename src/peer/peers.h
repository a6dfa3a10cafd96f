// The servers that have other Regions, and what they share: connections, and the rate at which
// files are sent.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "blob/backoff.h"
#include "blob/decorators/throttled_store.h"
#include "peer/peer_client.h"

namespace tidemark::peer {

struct PeersConfig {
  std::vector<PeerConfig> peers;
  std::string ca_file;            // PEM; empty: the system's authorities
  uint64_t bytes_per_second = 0;  // of files, to all of them; 0: no bound
};

// Thread-safe.
class Peers {
 public:
  // Borrows the clock.
  Peers(PeersConfig config, const Clock& clock);

  PeerClient* Find(std::string_view region) const;  // null: that is no peer's
  bool empty() const { return clients_.empty(); }
  // Waits until so many bytes may be sent. kCancelled.
  Result<void> Take(uint64_t bytes);
  // Bytes of one piece: what passes in a part of a second.
  uint64_t piece_bytes() const { return piece_bytes_; }
  // Ends waits and requests, also those to come.
  void Cancel() {
    stopping_ = true;
    pause_.Cancel();
  }

 private:
  std::atomic<bool> stopping_{false};
  blob::SystemPause pause_;
  std::unique_ptr<blob::HttpTransport> transport_;
  std::optional<blob::ByteRate> rate_;
  uint64_t piece_bytes_ = kPieceBytesMax;
  std::map<std::string, std::unique_ptr<PeerClient>, std::less<>> clients_;
};

}  // namespace tidemark::peer
