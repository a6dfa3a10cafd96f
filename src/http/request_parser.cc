#include "http/request_parser.h"

#include <llhttp.h>

#include <array>
#include <charconv>
#include <cstring>

#include "http/ascii.h"

namespace tidemark::http {
namespace {

constexpr size_t kHeadersMax = 200;
constexpr size_t kLeadingBlankLinesMax = 2;
// Size line with extensions, or all trailers.
constexpr size_t kChunkFramingMax = 4096;

bool IsToken(std::string_view text) {
  static constexpr auto kAllowed = [] {
    std::array<bool, 256> allowed{};
    for (int c = '0'; c <= '9'; ++c) allowed[static_cast<size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) allowed[static_cast<size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) allowed[static_cast<size_t>(c)] = true;
    for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
      allowed[static_cast<size_t>(c)] = true;
    return allowed;
  }();
  for (char c : text)
    if (!kAllowed[static_cast<unsigned char>(c)]) return false;
  return !text.empty();
}

// "http://host/path" is a form of target every server has to understand; only the path matters.
std::string_view WithoutOrigin(std::string_view target) {
  if (target.empty() || target.front() == '/') return target;
  size_t authority = target.find("://");
  if (authority == std::string_view::npos) return target;
  size_t path = target.find_first_of("/?", authority + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

// What llhttp reports of one head; the offsets are relative to `data`.
struct RequestParser::Callbacks {
  RequestParser* parser;
  const char* data;

  static Callbacks& Of(llhttp_t* llhttp) { return *static_cast<Callbacks*>(llhttp->data); }
  Span At(const char* at, size_t size) const {
    return {static_cast<uint32_t>(at - data), static_cast<uint32_t>(size)};
  }

  static int OnUrl(llhttp_t* llhttp, const char* at, size_t size) {
    Of(llhttp).parser->target_ = Of(llhttp).At(at, size);
    return 0;
  }
  static int OnField(llhttp_t* llhttp, const char* at, size_t size) {
    auto& fields = Of(llhttp).parser->fields_;
    if (fields.size() >= kHeadersMax) return HPE_USER;
    fields.push_back({Of(llhttp).At(at, size), {}});
    return 0;
  }
  static int OnValue(llhttp_t* llhttp, const char* at, size_t size) {
    auto& fields = Of(llhttp).parser->fields_;
    if (fields.empty()) return HPE_USER;
    fields.back().value = Of(llhttp).At(at, size);
    return 0;
  }
  static int OnHeadersComplete(llhttp_t* llhttp) {
    Of(llhttp).parser->keep_alive_ = llhttp_should_keep_alive(llhttp) != 0;
    return HPE_PAUSED;  // the body is framed by us
  }

  static const llhttp_settings_t& Settings() {
    static const llhttp_settings_t settings = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_url = OnUrl;
      s.on_header_field = OnField;
      s.on_header_value = OnValue;
      s.on_headers_complete = OnHeadersComplete;
      return s;
    }();
    return settings;
  }
};

RequestParser::Status RequestParser::Refuse(int status) {
  stage_ = Stage::kRefused;
  refusal_ = status;
  keep_alive_ = false;
  return Status::kRefused;
}

// WHY: llhttp 8.1 takes a bare CR for a line end in some places; here every CR must precede an LF
// and every LF follow a CR, so the head has exactly one reading. Folded lines go the same way.
bool RequestParser::FindHeadEnd(const char* data, size_t size) {
  for (;;) {
    size_t from = line_begin_ + scanned_;
    const auto* lf = from < size
                         ? static_cast<const char*>(std::memchr(data + from, '\n', size - from))
                         : nullptr;
    if (!lf) {
      scanned_ = size - line_begin_;
      if (size - head_begin_ > limits_.head_bytes) Refuse(400);
      return false;
    }
    size_t line_end = static_cast<size_t>(lf - data);
    const char* line = data + line_begin_;
    size_t line_size = line_end - line_begin_;
    if (line_size == 0 || std::memchr(line, '\r', line_size) != lf - 1 ||
        line_end + 1 - head_begin_ > limits_.head_bytes) {
      Refuse(400);
      return false;
    }
    bool first = line_begin_ == head_begin_;
    if (!first && (line[0] == ' ' || line[0] == '\t')) {
      Refuse(400);
      return false;
    }
    line_begin_ = line_end + 1;
    scanned_ = 0;
    if (line_size > 1) continue;
    if (!first) {
      head_end_ = line_begin_;
      return true;
    }
    head_begin_ = line_begin_;  // a blank line before the request
    if (head_begin_ > 2 * kLeadingBlankLinesMax) {
      Refuse(400);
      return false;
    }
  }
}

bool RequestParser::ParseHead(const char* data) {
  Callbacks callbacks{this, data};
  llhttp_t llhttp;
  llhttp_init(&llhttp, HTTP_REQUEST, &Callbacks::Settings());
  llhttp.data = &callbacks;
  const char* begin = data + head_begin_;
  if (llhttp_execute(&llhttp, begin, head_end_ - head_begin_) != HPE_PAUSED) return false;
  if (llhttp.http_major != 1 || llhttp.http_minor > 1 || llhttp.method == HTTP_CONNECT)
    return false;
  http10_ = llhttp.http_minor == 0;
  const auto* space = static_cast<const char*>(std::memchr(begin, ' ', head_end_ - head_begin_));
  if (!space) return false;
  method_ = callbacks.At(begin, static_cast<size_t>(space - begin));
  return target_.size > 0;
}

bool RequestParser::ReadFraming(const char* data) {
  bool has_length = false, has_host = false, has_coding = false;
  for (Field& field : fields_) {
    std::string_view name = View(data, field.name);
    if (!IsToken(name)) return Refuse(400), false;
    std::string_view value = TrimBlanks(View(data, field.value));
    if (!value.empty()) field.value.offset = static_cast<uint32_t>(value.data() - data);
    field.value.size = static_cast<uint32_t>(value.size());
    if (EqualsIgnoringCase(name, "content-length")) {
      uint64_t length = 0;
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      if (has_length || value.empty() || error != std::errc() || end != value.data() + value.size())
        return Refuse(400), false;
      has_length = true;
      content_length_ = static_cast<size_t>(length);
    } else if (EqualsIgnoringCase(name, "transfer-encoding")) {
      if (has_coding || http10_ || !EqualsIgnoringCase(value, "chunked")) return Refuse(400), false;
      has_coding = true;
    } else if (EqualsIgnoringCase(name, "host")) {
      if (has_host) return Refuse(400), false;
      has_host = true;
    } else if (EqualsIgnoringCase(name, "expect")) {
      if (http10_) continue;
      if (!EqualsIgnoringCase(value, "100-continue")) return Refuse(417), false;
      expects_continue_ = true;
    }
  }
  if ((has_length && has_coding) || (!has_host && !http10_)) return Refuse(400), false;
  if (content_length_ > limits_.body_bytes) return Refuse(413), false;

  body_end_ = chunked_read_ = head_end_;
  if (has_coding) chunked_.emplace(limits_.body_bytes, kChunkFramingMax);
  stage_ = has_coding ? Stage::kChunked : Stage::kBody;
  return true;
}

RequestParser::Status RequestParser::Parse(char* data, size_t& size) {
  if (stage_ == Stage::kHead) {
    if (!FindHeadEnd(data, size))
      return stage_ == Stage::kRefused ? Status::kRefused : Status::kNeedMore;
    if (!ParseHead(data)) return Refuse(400);
    if (!ReadFraming(data)) return Status::kRefused;
  }
  if (stage_ == Stage::kBody) {
    if (size - head_end_ < content_length_) return Status::kNeedMore;
    body_end_ = consumed_ = head_end_ + content_length_;
    stage_ = Stage::kComplete;
  }
  if (stage_ == Stage::kChunked) {
    switch (chunked_->Decode(data, size, chunked_read_, body_end_)) {
      case ChunkedDecoder::Status::kBad:
        return Refuse(400);
      case ChunkedDecoder::Status::kTooLarge:
        return Refuse(413);
      case ChunkedDecoder::Status::kDone:
        consumed_ = chunked_read_;
        stage_ = Stage::kComplete;
        break;
      case ChunkedDecoder::Status::kNeedMore:
        // All was read; forgetting the framing keeps the buffer as small as the body.
        size = chunked_read_ = body_end_;
        return Status::kNeedMore;
    }
  }
  return stage_ == Stage::kComplete ? Status::kComplete : Status::kRefused;
}

size_t RequestParser::missing_bytes(size_t size) const {
  if (stage_ != Stage::kBody) return 0;
  size_t total = head_end_ + content_length_;
  return total > size ? total - size : 0;
}

void RequestParser::Fill(const char* data, Request& request) const {
  request.method = View(data, method_);
  request.target = View(data, target_);
  std::string_view local = WithoutOrigin(request.target);
  size_t question = local.find('?');
  request.path = local.substr(0, question);
  request.query =
      question == std::string_view::npos ? std::string_view() : local.substr(question + 1);
  request.headers.clear();
  for (const Field& field : fields_)
    request.headers.push_back({View(data, field.name), View(data, field.value)});
  request.raw_body = {data + head_end_, body_end_ - head_end_};
  request.body = request.raw_body;
}

void RequestParser::Reset() {
  stage_ = Stage::kHead;
  refusal_ = 0;
  head_begin_ = line_begin_ = scanned_ = head_end_ = 0;
  fields_.clear();
  target_ = method_ = {};
  http10_ = keep_alive_ = expects_continue_ = false;
  content_length_ = chunked_read_ = body_end_ = consumed_ = 0;
  chunked_.reset();
}

}  // namespace tidemark::http
