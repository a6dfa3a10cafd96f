#include "api/peers/peer_api.h"

#include <algorithm>
#include <charconv>

#include "api/request_context.h"
#include "api/vaults/errors.h"
#include "api/wire/json10.h"
#include "iam/authorize.h"
#include "peer/sealed_terms.h"
#include "policy/document.h"
#include "vault/fault.h"

namespace tidemark::api {

namespace {

constexpr std::string_view kCopyInto = "backup:CopyIntoBackupVault";
constexpr size_t kJobBytes = 36;

bool IsJobId(std::string_view text) {
  return text.size() == kJobBytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

Result<uint64_t> OffsetOf(std::string_view query) {
  constexpr std::string_view kOffset = "offset=";
  uint64_t offset = 0;
  const char* const end = query.data() + query.size();
  if (query.starts_with(kOffset)) {
    const auto read = std::from_chars(query.data() + kOffset.size(), end, offset);
    if (read.ec == std::errc() && read.ptr == end) return offset;
  }
  return Fail(ErrorKind::kValidation, "a piece of a file needs the query offset=BYTES");
}

http::Response PeerError(const Error& error, std::string_view request_id) {
  if (error.kind == ErrorKind::kNotFound && !vault::FaultOf(error)) {
    auto response = vault_rest::ErrorResponse(
        Error{ErrorKind::kUnknownOperation, error.message, nullptr}, kCopyInto, request_id);
    return response;
  }
  return vault_rest::ErrorResponse(error, kCopyInto, request_id);
}

}  // namespace

bool PeerApi::Claims(const http::Request& request) {
  return request.path.starts_with(peer::kCopiesPath);
}

std::optional<PeerApi::Route> PeerApi::RouteOf(const http::Request& request) {
  std::string_view rest = request.path.substr(peer::kCopiesPath.size());
  const auto next = [&rest] {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    return part;
  };
  Route route;
  route.account = next();
  const std::string_view job = next();
  route.job = job;
  route.file = rest;
  const bool known = route.file.empty()
                         ? request.method == "POST" || request.method == "DELETE"
                         : (request.method == "POST" && route.file == peer::kFinish) ||
                               (request.method == "PUT" && peer::IsFileName(route.file));
  if (!known || route.account.empty() || !IsJobId(job)) return std::nullopt;
  return route;
}

// The sender is asked what it may do as any user is, and the vault's policy what it allows.
Result<void> PeerApi::AuthorizeOffer(const http::Request& request, const auth::Principal& principal,
                                     const vault::VaultRef& to,
                                     const std::string& vault_arn) const {
  const RequestContext context(principal, request, services_.real_clock.Now());
  const auto vault = services_.store.Find<vault::VaultRecord>(to.place, to.name);
  policy::Document document;
  std::vector<policy::NamedDocument> policies;
  if (vault && !vault->policy.empty()) {
    TM_TRY(document, policy::ParseDocument(vault->policy, policy::DocumentKind::kResource));
    policies.push_back({&document, "vault"});
  }
  const iam::Asker asker = principal.identity
                               ? iam::AskerOf(*principal.identity)
                               : iam::Asker{principal.arn, principal.account.value, nullptr};
  return iam::Authorize(asker, kCopyInto, vault_arn, context,
                        {.policies = policies, .account = to.place.account.value});
}

Result<std::string> PeerApi::RunOffer(const http::Request& request, const Route& route,
                                      const auth::Principal& principal) const {
  TM_TRY(const auto offer, peer::ReadOffer(request.body));
  const auto to = vault::ParseVaultArn(offer.vault_arn);
  if (!to || to->place.region != principal.region || to->place.account.value != route.account) {
    return Fail(ErrorKind::kValidation, "{} is no vault of Region {} and account {}",
                offer.vault_arn, principal.region.value, route.account);
  }
  TM_TRYV(AuthorizeOffer(request, principal, *to, offer.vault_arn));
  const auto credential = services_.credentials.Lookup(principal.access_key, "");
  if (!credential) {
    return Fail(ErrorKind::kAccessDenied,
                "Copies between servers need a long-term access key, not a session's");
  }
  TM_TRY(const auto terms, peer::OpenTerms(offer.terms, credential->secret, route.job));
  TM_TRY(const auto status, services_.arrivals.Begin({to->place, route.job, principal.arn},
                                                     {.vault = to->name,
                                                      .terms = terms,
                                                      .bases = offer.bases,
                                                      .base = offer.base,
                                                      .files = offer.files},
                                                     services_.now(to->place.region)));
  return peer::WriteStatus(status);
}

Result<std::string> PeerApi::Run(const http::Request& request, const Route& route,
                                 const auth::Principal& principal) const {
  const vault::ArrivalName name{
      {AccountId(route.account), principal.region}, route.job, principal.arn};
  if (route.file.empty() && request.method == "POST") return RunOffer(request, route, principal);
  if (route.file.empty()) {
    TM_TRYV(services_.arrivals.Cancel(name));
    return "{}";
  }
  if (route.file == peer::kFinish) {
    TM_TRY(const auto status, services_.arrivals.Finish(name, services_.now(principal.region)));
    return peer::WriteStatus(status);
  }
  TM_TRY(const uint64_t offset, OffsetOf(request.query));
  TM_TRY(const uint64_t there, services_.arrivals.Put(name, route.file, offset, request.raw_body));
  return fmt::format(R"({{"there":{}}})", there);
}

asio::awaitable<http::Response> PeerApi::Handle(const http::Request& request,
                                                const std::string& request_id) const {
  const auto route = RouteOf(request);
  auto principal = services_.authenticator.Authenticate(request, peer::kSignedService);
  Result<std::string> answer = Fail(ErrorKind::kNotFound, "There is no such copy");
  if (!principal) {
    answer = Fail(principal.error());
  } else if (route) {
    auto run = [&] { return Run(request, *route, *principal); };
    answer = co_await runtime::Blocking(services_.pool, run);
  }
  http::Response response = answer
                                ? wire::JsonResponse("application/json", 200, *answer, request_id)
                                : PeerError(answer.error(), request_id);
  // Pieces are not told one by one.
  const bool is_offer = route && route->file.empty();
  if (services_.auditor && (is_offer || !principal)) {
    auto event = services_.auditor->Begin(principal ? &*principal : nullptr, request, "backup",
                                          "CopyIntoBackupVault", request_id);
    if (route) event.resource = fmt::format("copy-job {}", route->job);
    co_await services_.auditor->Finish(std::move(event), response);
  }
  co_return response;
}

}  // namespace tidemark::api
