#include "peer/peer_client.h"

#include "codec/json_reader.h"

namespace tidemark::peer {
namespace {

constexpr uint64_t kAnswerBytesMax = 16 << 20;

std::string PathOfCopy(const CopyName& copy) {
  return fmt::format("{}{}/{}", kCopiesPath, copy.account, copy.job);
}

// What is wrong with a signature is told in many lines, which help nobody who reads of a job.
std::string FirstSentence(std::string_view message) {
  if (message.find('\n') == std::string_view::npos) return std::string(message);
  message = message.substr(0, message.find('\n'));
  return std::string(message.substr(0, message.find(". ")));
}

std::string MessageOf(const Bytes& body, int status) {
  codec::JsonParser parser;
  const auto json = parser.Parse(body);
  std::string_view message;
  if (json && ((*json)["Message"].get(message) == simdjson::SUCCESS ||
               (*json)["message"].get(message) == simdjson::SUCCESS)) {
    return FirstSentence(message);
  }
  return fmt::format("status {}", status);
}

}  // namespace

PeerClient::PeerClient(PeerConfig config, blob::HttpTransport& transport, const Clock& clock)
    : config_(std::move(config)),
      host_(config_.url.substr(config_.url.find("://") + 3)),
      transport_(transport),
      clock_(clock),
      signer_(config_.credentials, config_.region, std::string(kSignedService)) {}

Result<Bytes> PeerClient::Do(const Call& call) {
  const blob::MemorySource body(call.body);
  blob::HttpRequest request{.method = std::string(call.method),
                            .url = config_.url + call.path,
                            .headers = {{"Host", host_}},
                            .body = call.body.empty() ? nullptr : &body,
                            .answer_bytes_max = kAnswerBytesMax};
  if (!call.query.empty()) request.url += "?" + call.query;
  const std::vector<sigv4::HeaderField> fields = {{"Host", host_}};
  blob::HttpHeaders added;
  {
    std::lock_guard lock(signer_mutex_);
    added = signer_.Sign({.method = call.method,
                          .path = call.path,
                          .query = call.query,
                          .headers = fields,
                          .body = call.body},
                         clock_.Now());
  }
  for (auto& header : added) request.headers.push_back(std::move(header));
  auto answer = transport_.Send(request);
  if (!answer) {
    return Fail(WithContext(std::move(answer).error(), "the server of Region {} does not answer",
                            config_.region));
  }
  if (answer->status == 200) return std::move(answer->body);
  const std::string message = MessageOf(answer->body, answer->status);
  switch (answer->status) {
    case 400:
      return Fail(ErrorKind::kValidation, "{}", message);
    case 401:
    case 403:
      return Fail(ErrorKind::kAccessDenied, "the server of Region {} refuses: {}", config_.region,
                  message);
    case 404:
      return Fail(ErrorKind::kNotFound, "the server of Region {} ({}): {}", config_.region,
                  config_.url, message);
    default:
      return Fail(ErrorKind::kUnavailable, "the server of Region {} ({}) cannot do it now: {}",
                  config_.region, config_.url, message);
  }
}

Result<CopyStatus> PeerClient::Offer(const CopyName& copy, const CopyOffer& offer) {
  const std::string body = WriteOffer(offer);
  TM_TRY(const Bytes answer,
         Do({.method = "POST", .path = PathOfCopy(copy), .query = {}, .body = body}));
  return ReadStatus(answer);
}

Result<uint64_t> PeerClient::Send(const CopyName& copy, const Piece& piece) {
  TM_TRY(const Bytes answer, Do({.method = "PUT",
                                 .path = fmt::format("{}/{}", PathOfCopy(copy), piece.file),
                                 .query = fmt::format("offset={}", piece.offset),
                                 .body = piece.bytes}));
  codec::JsonParser parser;
  TM_TRY(const codec::JsonValue json, parser.Parse(answer));
  uint64_t there = 0;
  if (json["there"].get(there) != simdjson::SUCCESS)
    return Fail(ErrorKind::kSerialization, "the answer to a piece does not read");
  return there;
}

Result<CopyStatus> PeerClient::Finish(const CopyName& copy) {
  TM_TRY(const Bytes answer, Do({.method = "POST",
                                 .path = fmt::format("{}/{}", PathOfCopy(copy), kFinish),
                                 .query = {},
                                 .body = {}}));
  return ReadStatus(answer);
}

Result<void> PeerClient::Cancel(const CopyName& copy) {
  auto done = Do({.method = "DELETE", .path = PathOfCopy(copy), .query = {}, .body = {}});
  if (!done && done.error().kind != ErrorKind::kNotFound) return Fail(std::move(done).error());
  return {};
}

}  // namespace tidemark::peer
