#include "server/peers_config.h"

#include <algorithm>
#include <cstdlib>

#include "base/region_name.h"

namespace tidemark::server {
namespace {

// "eu-west-1" -> "TIDEMARK_PEER_EU_WEST_1_"
std::string PrefixOf(std::string_view region) {
  std::string prefix = "TIDEMARK_PEER_";
  for (const char c : region)
    prefix += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return prefix + "_";
}

Result<std::string> PeerSecret(const peer::PeerConfig& peer, const std::string& name) {
  const std::string own = PrefixOf(peer.region) + name, common = "TIDEMARK_PEER_" + name;
  for (const std::string& variable : {own, common}) {
    const char* const value = std::getenv(variable.c_str());
    if (value && *value != '\0') return std::string(value);
  }
  return Fail(ErrorKind::kValidation,
              "--peer {}={} needs the access key of a user there: set {}, or {} for all peers",
              peer.region, peer.url, own, common);
}

// Scheme, host and port alone.
Result<void> CheckUrl(std::string_view region, std::string_view url) {
  const size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  const std::string_view rest = url.substr(scheme);
  if (rest.find('@') != std::string_view::npos) {
    return Fail(ErrorKind::kValidation,
                "--peer {}=...: the URL has credentials in it, which every list of processes would "
                "show: leave them out and set {}ACCESS_KEY_ID and {}SECRET_ACCESS_KEY",
                region, PrefixOf(region), PrefixOf(region));
  }
  if (scheme > 0 && !rest.empty() && rest.find_first_of("/?# ") == std::string_view::npos)
    return {};
  return Fail(ErrorKind::kValidation,
              "--peer wants REGION=URL, e.g. eu-west-1=http://host:8000, got '{}={}'", region, url);
}

}  // namespace

Result<std::vector<peer::PeerConfig>> ReadPeers(const std::vector<std::string>& texts) {
  std::vector<peer::PeerConfig> peers;
  for (const std::string& text : texts) {
    const size_t split = std::min(text.find('='), text.size());
    peer::PeerConfig peer{.region = text.substr(0, split),
                          .url = text.substr(std::min(split + 1, text.size())),
                          .credentials = {}};
    if (split == text.size() || split == 0) {
      return Fail(ErrorKind::kValidation,
                  "--peer wants REGION=URL, e.g. eu-west-1=http://host:8000, got '{}'", text);
    }
    TM_TRYV(CheckRegionName("--peer REGION=URL: what is before '='", peer.region));
    TM_TRYV(CheckUrl(peer.region, peer.url));
    if (std::ranges::find(peers, peer.region, &peer::PeerConfig::region) != peers.end())
      return Fail(ErrorKind::kValidation, "--peer names Region {} twice", peer.region);
    TM_TRY(peer.credentials.access_key, PeerSecret(peer, "ACCESS_KEY_ID"));
    TM_TRY(peer.credentials.secret, PeerSecret(peer, "SECRET_ACCESS_KEY"));
    peers.push_back(std::move(peer));
  }
  return peers;
}

}  // namespace tidemark::server
