// The condition keys every request has, whatever service it is for; worked out when a policy asks.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/clock.h"
#include "http/request.h"
#include "policy/context.h"

namespace tidemark::api {

// Lives for one decision on one thread; borrows what it is given.
class RequestContext : public policy::Context {
 public:
  // `now` is the real time: what aws:CurrentTime speaks of, as signatures do.
  RequestContext(const auth::Principal& principal, const http::Request& request, Timestamp now)
      : principal_(principal), request_(request), now_(now) {}
  const policy::Values* Find(std::string_view key) const final;

 protected:
  // Nothing: the request has no such key.
  virtual std::optional<policy::Values> Compute(std::string_view key) const;
  const auth::Principal& principal() const { return principal_; }
  const http::Request& request() const { return request_; }

 private:
  std::optional<policy::Values> OfRoot(std::string_view key) const;
  std::optional<policy::Values> OfSession(std::string_view key) const;

  const auth::Principal& principal_;
  const http::Request& request_;
  const Timestamp now_;
  mutable std::map<std::string, std::optional<policy::Values>, std::less<>> known_;
};

}  // namespace tidemark::api
