#include "peer/peers.h"

#include <algorithm>

namespace tidemark::peer {
namespace {

constexpr uint64_t kPieceBytesMin = 64 << 10;
constexpr uint64_t kPiecesPerSecond = 4;

}  // namespace

Peers::Peers(PeersConfig config, const Clock& clock)
    : transport_(blob::NewCurlTransport({.ca_file = config.ca_file, .stopping = &stopping_})) {
  if (config.bytes_per_second > 0) {
    rate_.emplace(config.bytes_per_second, clock, pause_);
    piece_bytes_ =
        std::clamp(config.bytes_per_second / kPiecesPerSecond, kPieceBytesMin, kPieceBytesMax);
  }
  for (PeerConfig& peer : config.peers) {
    const std::string region = peer.region;
    clients_.emplace(region, std::make_unique<PeerClient>(std::move(peer), *transport_, clock));
  }
}

PeerClient* Peers::Find(std::string_view region) const {
  const auto at = clients_.find(region);
  return at == clients_.end() ? nullptr : at->second.get();
}

Result<void> Peers::Take(uint64_t bytes) { return rate_ ? rate_->Take(bytes) : Result<void>(); }

}  // namespace tidemark::peer
