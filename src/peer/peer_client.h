// Requests to another server of ours: addressed, signed, sent; not tried again.
#pragma once
#include <mutex>
#include <string>

#include "base/clock.h"
#include "blob/s3/http_transport.h"
#include "peer/copy_message.h"
#include "sigv4/signer.h"

namespace tidemark::peer {

struct PeerConfig {
  std::string region;  // which it has
  std::string url;     // "http://host:port"
  sigv4::SigningCredentials credentials;
};

// Which copy: the account it goes to, and the job that makes it.
struct CopyName {
  std::string account, job;
};

// Thread-safe. Borrows transport and clock. Blocking. Errors of all requests: kUnavailable: it
// cannot be reached, or is busy or in trouble; kAccessDenied: it refuses the key, or what the key
// may do; kNotFound: it knows no such copy; kValidation: it will never do that. Texts are for who
// asked for the copy.
class PeerClient {
 public:
  PeerClient(PeerConfig config, blob::HttpTransport& transport, const Clock& clock);

  // Once or more often; begins the copy, or finds it.
  Result<CopyStatus> Offer(const CopyName& copy, const CopyOffer& offer);
  // Of a file from `offset` on. How much of it is there then: if not what was expected, go on
  // there.
  struct Piece {
    std::string_view file;
    uint64_t offset = 0;
    BytesView bytes;
  };
  Result<uint64_t> Send(const CopyName& copy, const Piece& piece);
  // Makes a recovery point of what arrived, if nothing is lacked.
  Result<CopyStatus> Finish(const CopyName& copy);
  Result<void> Cancel(const CopyName& copy);  // what is not there is cancelled

  const PeerConfig& config() const { return config_; }

 private:
  struct Call {
    std::string_view method;
    std::string path, query;
    BytesView body;
  };
  Result<Bytes> Do(const Call& call);

  const PeerConfig config_;
  std::string host_;
  blob::HttpTransport& transport_;
  const Clock& clock_;
  std::mutex signer_mutex_;
  sigv4::Signer signer_;
};

}  // namespace tidemark::peer
