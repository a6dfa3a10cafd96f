// name  := account:12 digits ':' token
// row   := 00 01 name    -> version:u8=1 expires:i64le digest:32     microseconds of commit time
// row   := 00 02 expires:u64be name  -> (empty)                      the order in which they expire
#include "table/request_tokens.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "codec/varint.h"

namespace tidemark::table {
namespace {

constexpr Micros kTokenLife = std::chrono::minutes(10);
constexpr Micros kSweepRetry = std::chrono::minutes(1);
constexpr size_t kErasedTogether = 200;
constexpr size_t kDigestBytes = 32;
constexpr uint8_t kTokenVersion = 1;
constexpr BytesView kByName{"\0\1", 2};
constexpr BytesView kByExpiry{"\0\2", 2};
constexpr BytesView kEnd{"\0\3", 2};

struct Token {
  Timestamp expires;
  BytesView digest;
};

Bytes EncodeToken(Timestamp expires, BytesView digest) {
  Bytes row;
  codec::AppendU8(kTokenVersion, &row);
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(expires)), &row);
  row += digest;
  return row;
}

Result<Token> DecodeToken(BytesView row) {
  uint8_t version = 0;
  uint64_t expires = 0;
  if (!codec::ReadU8(&row, &version) || version != kTokenVersion ||
      !codec::ReadLittle64(&row, &expires) || row.size() != kDigestBytes)
    return Fail(ErrorKind::kCorruption, "a request token's row does not decode");
  return Token{FromMicros(static_cast<int64_t>(expires)), row};
}

Bytes NameRow(BytesView name) { return Bytes(kByName).append(name); }

Bytes TokenExpiryRow(Timestamp expires, BytesView name) {
  Bytes row(kByExpiry);
  codec::AppendBig64(static_cast<uint64_t>(ToMicros(expires)), &row);
  return row.append(name);
}

// Puts the token, or takes it away (no `expires`), along with its place in the order of expiry.
Result<shard::Mutation> Replace(const std::optional<Bytes>& old_row, BytesView name,
                                std::optional<Timestamp> expires, BytesView digest) {
  shard::Mutation mutation;
  if (old_row) {
    TM_TRY(const Token old, DecodeToken(*old_row));
    mutation.old_size = old_row->size();
    mutation.index_rows.push_back({TokenExpiryRow(old.expires, name), std::nullopt});
  }
  mutation.kind = shard::Mutation::Kind::kDelete;
  if (expires) {
    mutation.kind = shard::Mutation::Kind::kPut;
    mutation.value = EncodeToken(*expires, digest);
    mutation.new_size = mutation.value.size();
    mutation.index_rows.push_back({TokenExpiryRow(*expires, name), Bytes()});
  }
  return mutation;
}

struct Expired {
  std::vector<Bytes> names;
  std::optional<Timestamp> next;  // to expire
};

Result<Expired> FindExpired(const engine::TableStore& store, Timestamp now) {
  Expired found;
  TM_TRY(const auto rows, store.Scan({.begin = Bytes(kByExpiry), .end = Bytes(kEnd)}));
  for (; rows->Valid() && found.names.size() < kErasedTogether; rows->Next()) {
    BytesView key = rows->key().substr(kByExpiry.size());
    uint64_t expires = 0;
    if (!codec::ReadBig64(&key, &expires))
      return Fail(ErrorKind::kCorruption, "a row of the order of request tokens does not decode");
    const Timestamp at = FromMicros(static_cast<int64_t>(expires));
    if (at > now) {
      found.next = at;
      break;
    }
    found.names.emplace_back(key);
  }
  TM_TRYV(rows->status());
  return found;
}

// The first names of an account.
Result<std::vector<Bytes>> FindNames(const engine::TableStore& store, const AccountId& account) {
  std::vector<Bytes> names;
  const Bytes begin = NameRow(account.value + ":"), end = NameRow(account.value + ";");
  TM_TRY(const auto rows, store.Scan({.begin = begin, .end = end}));
  for (; rows->Valid() && names.size() < kErasedTogether; rows->Next())
    names.emplace_back(rows->key().substr(kByName.size()));
  TM_TRYV(rows->status());
  return names;
}

}  // namespace

TableId RequestTokensTable() { return *TableId::Parse("00000000-0000-4000-8000-000000000002"); }

Task<shard::TableHandle> RequestTokens::TableOf(shard::Shard* shard) {
  if (auto table = shard->Find(RequestTokensTable())) co_return table;
  auto make = [this, shard] {
    std::lock_guard lock(making_);
    return shard->CreateTable(RequestTokensTable(), R"({"act":"create request tokens"})");
  };
  co_return co_await runtime::Blocking(pool_, std::move(make));
}

Task<shard::WriteRequest> RequestTokens::Write(shard::Shard* shard, Claim claim, TokenUse* use) {
  TM_CO_TRY(auto table, co_await TableOf(shard));
  NoteClaim(shard);
  Bytes name = claim.account.value + ":" + claim.token;
  Bytes row = NameRow(name);
  auto evaluate = [shard, use, name = std::move(name), digest = std::move(claim.digest)](
                      const std::optional<Bytes>& old_row) -> Result<shard::Mutation> {
    const Timestamp now = shard->Now();
    if (old_row) {
      TM_TRY(const Token old, DecodeToken(*old_row));
      if (old.expires > now && old.digest == digest) {
        *use = TokenUse::kRepeated;
        return shard::Mutation{};
      }
      if (old.expires > now) {
        *use = TokenUse::kMismatch;
        return Fail(ErrorKind::kIdempotentMismatch,
                    "Specified idempotent token was used with different request parameters within "
                    "the idempotency window");
      }
    }
    *use = TokenUse::kFirst;
    return Replace(old_row, name, now + kTokenLife, digest);
  };
  co_return shard::WriteRequest{
      .table = std::move(table), .key = std::move(row), .evaluate = std::move(evaluate)};
}

void RequestTokens::NoteClaim(const shard::Shard* shard) {
  const Timestamp latest = shard->Now() + kTokenLife;
  std::lock_guard lock(mutex_);
  Upkeep& upkeep = upkeep_[shard];
  upkeep.claimed = true;
  upkeep.due = std::min(upkeep.due, latest);
}

bool RequestTokens::IsDue(const shard::Shard* shard) {
  std::lock_guard lock(mutex_);
  return upkeep_[shard].due <= shard->Now();
}

Task<void> RequestTokens::Sweep() {
  for (shard::Shard* shard : shards_.All()) {
    auto table = shard->Find(RequestTokensTable());
    if (!table || !IsDue(shard)) continue;
    auto swept = co_await SweepShard(shard, std::move(table));
    if (swept) continue;
    LogWarn("expired request tokens of {} remain for now: {}", shard->name(),
            swept.error().message);
    std::lock_guard lock(mutex_);
    upkeep_[shard].due = shard->Now() + kSweepRetry;
  }
  co_return Result<void>();
}

Task<void> RequestTokens::SweepShard(shard::Shard* shard, shard::TableHandle table) {
  Bytes last;
  while (true) {
    bool claimed = false;
    {
      std::lock_guard lock(mutex_);
      claimed = std::exchange(upkeep_[shard].claimed, false);
    }
    const Timestamp now = shard->Now();
    TM_CO_TRY(const auto store, co_await shard->Store(table));
    auto find = [&store, now] { return FindExpired(*store, now); };
    TM_CO_TRY(auto found, co_await runtime::Blocking(pool_, std::move(find)));
    if (found.names.empty()) {
      std::lock_guard lock(mutex_);
      Upkeep& upkeep = upkeep_[shard];
      // A token that was claimed may be on its way, unseen.
      const bool unseen = claimed || upkeep.claimed;
      upkeep.due = std::min(found.next.value_or(Timestamp::max()),
                            unseen ? now + kTokenLife : Timestamp::max());
      co_return Result<void>();
    }
    if (found.names.front() == last)
      co_return Fail(ErrorKind::kCorruption, "a token's place in the order of expiry has no token");
    last = found.names.front();
    TM_CO_TRYV(co_await Erase(shard, table, std::move(found.names), now));
  }
}

Task<void> RequestTokens::Forget(AccountId account) {
  for (shard::Shard* shard : shards_.All()) {
    const auto table = shard->Find(RequestTokensTable());
    if (!table) continue;
    while (true) {
      TM_CO_TRY(const auto store, co_await shard->Store(table));
      auto find = [&store, &account] { return FindNames(*store, account); };
      TM_CO_TRY(auto names, co_await runtime::Blocking(pool_, std::move(find)));
      if (names.empty()) break;
      TM_CO_TRYV(co_await Erase(shard, table, std::move(names), Timestamp::max()));
    }
  }
  co_return Result<void>();
}

Task<void> RequestTokens::Erase(shard::Shard* shard, shard::TableHandle table,
                                std::vector<Bytes> names, Timestamp expired_by) {
  std::vector<shard::WriteRequest> writes;
  writes.reserve(names.size());
  for (Bytes& name : names) {
    Bytes row = NameRow(name);
    auto evaluate = [name = std::move(name),
                     expired_by](const std::optional<Bytes>& old_row) -> Result<shard::Mutation> {
      if (!old_row) return shard::Mutation{};
      TM_TRY(const Token old, DecodeToken(*old_row));
      if (old.expires > expired_by) return shard::Mutation{};  // claimed again meanwhile
      return Replace(old_row, name, std::nullopt, {});
    };
    writes.push_back({.table = table, .key = std::move(row), .evaluate = std::move(evaluate)});
  }
  shard::Origin origin;  // named: GCC 12 destroys a temporary of a co_await twice
  TM_CO_TRYV(co_await shard->WriteTogether(std::move(writes), std::move(origin)));
  co_return Result<void>();
}

}  // namespace tidemark::table
