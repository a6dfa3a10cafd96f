#include "table/transact_digest.h"

#include <algorithm>

#include "codec/varint.h"
#include "crypto/hash.h"
#include "item/item_codec.h"

namespace tidemark::table {
namespace {

void Append(const std::optional<std::string>& text, Bytes* out) {
  codec::AppendU8(text ? 1 : 0, out);
  if (text) codec::AppendSized(*text, out);
}

void Append(const Expressions& expressions, Bytes* out) {
  Append(expressions.condition, out);
  Append(expressions.update, out);
  auto names = expressions.names;
  std::ranges::sort(names);
  codec::AppendVarint(names.size(), out);
  for (const auto& [placeholder, name] : names) {
    codec::AppendSized(placeholder, out);
    codec::AppendSized(name, out);
  }
  codec::AppendSized(item::EncodeItem(expressions.values), out);
}

const item::Item& ItemOf(const PutRequest& request) { return request.item; }
template <class Request>
const item::Item& ItemOf(const Request& request) {
  return request.key;
}

}  // namespace

Bytes DigestOf(const TransactWriteRequest& request) {
  Bytes all;
  for (const TransactAction& action : request.actions) {
    codec::AppendU8(static_cast<uint8_t>(action.index()), &all);
    std::visit(
        [&](const auto& given) {
          codec::AppendSized(given.table, &all);
          codec::AppendSized(item::EncodeItem(ItemOf(given)), &all);
          Append(given.expressions, &all);
          codec::AppendU8(given.on_condition_failure == ReturnOnConditionFailure::kAllOld, &all);
        },
        action);
  }
  const auto digest = crypto::Sha256(all);
  return Bytes(digest.begin(), digest.end());
}

}  // namespace tidemark::table
