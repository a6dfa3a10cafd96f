// The other servers that the command line names, with their access keys from the environment.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "peer/peers.h"

namespace tidemark::server {

// "eu-west-1=http://host:8000" each. The key: TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID and
// ..._SECRET_ACCESS_KEY, or else TIDEMARK_PEER_ACCESS_KEY_ID and TIDEMARK_PEER_SECRET_ACCESS_KEY.
// kValidation: says what is missing.
Result<std::vector<peer::PeerConfig>> ReadPeers(const std::vector<std::string>& texts);

}  // namespace tidemark::server
