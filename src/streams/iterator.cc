#include "streams/iterator.h"

#include "codec/base64.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::streams {
namespace {

constexpr std::string_view kMark = "|1|";
constexpr size_t kCheckBytes = 8;

Bytes CheckOf(std::string_view arn, BytesView token) {
  Bytes text(arn);
  text += token;
  const auto digest = crypto::Sha256(text);
  return Bytes(reinterpret_cast<const char*>(digest.data()), kCheckBytes);
}

bool ReadToken(BytesView in, ShardIterator* iterator) {
  uint64_t made = 0, commit = 0;
  if (!codec::ReadVarint32(&in, &iterator->shard) || !codec::ReadLittle64(&in, &made) ||
      !codec::ReadLittle64(&in, &iterator->at.log_id) ||
      !codec::ReadLittle32(&in, &iterator->at.segment) ||
      !codec::ReadLittle32(&in, &iterator->at.offset) || !codec::ReadLittle64(&in, &commit) ||
      !codec::ReadLittle32(&in, &iterator->after.index) || !in.empty())
    return false;
  iterator->made = FromMicros(static_cast<int64_t>(made));
  iterator->after.commit = FromMicros(static_cast<int64_t>(commit));
  return true;
}

}  // namespace

std::string ShardIterator::ToText() const {
  Bytes token;
  codec::AppendVarint(shard, &token);
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(made)), &token);
  codec::AppendLittle64(at.log_id, &token);
  codec::AppendLittle32(at.segment, &token);
  codec::AppendLittle32(at.offset, &token);
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(after.commit)), &token);
  codec::AppendLittle32(after.index, &token);
  token += CheckOf(arn, token);
  return arn + std::string(kMark) + codec::EncodeBase64(token);
}

Result<ShardIterator> ShardIterator::Parse(std::string_view text) {
  const auto invalid = [] { return Fail(ErrorKind::kValidation, "Invalid ShardIterator"); };
  const size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return invalid();
  ShardIterator iterator;
  iterator.arn = text.substr(0, mark);
  const auto bytes = codec::DecodeBase64(text.substr(mark + kMark.size()));
  if (!bytes || bytes->size() <= kCheckBytes) return invalid();
  const BytesView token = BytesView(*bytes).substr(0, bytes->size() - kCheckBytes);
  if (CheckOf(iterator.arn, token) != BytesView(*bytes).substr(token.size()) ||
      !ReadToken(token, &iterator))
    return invalid();
  return iterator;
}

}  // namespace tidemark::streams
