#include "server/peers_config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
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

std::string FromEnvironment(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  return value ? value : "";
}

// Both of one user: the Region's own, or else those of all peers.
Result<sigv4::SigningCredentials> CredentialsOf(const peer::PeerConfig& peer) {
  constexpr std::string_view kId = "ACCESS_KEY_ID", kSecret = "SECRET_ACCESS_KEY";
  for (const std::string& prefix : {PrefixOf(peer.region), std::string("TIDEMARK_PEER_")}) {
    const std::string id_name = prefix + std::string(kId);
    const std::string secret_name = prefix + std::string(kSecret);
    const std::string id = FromEnvironment(id_name), secret = FromEnvironment(secret_name);
    if (id.empty() && secret.empty()) continue;
    if (!id.empty() && !secret.empty()) return sigv4::SigningCredentials{id, secret};
    return Fail(ErrorKind::kValidation,
                "--peer {}={}: {} is set without {}; an access key is both of one user",
                peer.region, peer.url, id.empty() ? secret_name : id_name,
                id.empty() ? id_name : secret_name);
  }
  return Fail(ErrorKind::kValidation,
              "--peer {0}={1} needs the access key of a user there: set {2}{3} and {2}{4}, or "
              "TIDEMARK_PEER_{3} and TIDEMARK_PEER_{4} for all peers",
              peer.region, peer.url, PrefixOf(peer.region), kId, kSecret);
}

bool IsPort(std::string_view text) {
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

// "host", "host:8000", "[::1]:8000".
bool IsHostAndPort(std::string_view text) {
  size_t host_end = std::min(text.find(':'), text.size());
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    in6_addr address;
    if (close == std::string_view::npos ||
        inet_pton(AF_INET6, std::string(text.substr(1, close - 1)).c_str(), &address) != 1) {
      return false;
    }
    host_end = close + 1;
  }
  if (host_end == 0) return false;
  const std::string_view rest = text.substr(host_end);
  return rest.empty() || (rest[0] == ':' && IsPort(rest.substr(1)));
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
  if (scheme > 0 && rest.find_first_of("/?# ") == std::string_view::npos && IsHostAndPort(rest))
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
    TM_TRY(peer.credentials, CredentialsOf(peer));
    peers.push_back(std::move(peer));
  }
  return peers;
}

}  // namespace tidemark::server
