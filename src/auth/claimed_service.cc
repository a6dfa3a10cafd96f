#include "auth/claimed_service.h"

#include "auth/presented.h"
#include "sigv4/authorization.h"

namespace tidemark::auth {

std::string ClaimedService(const http::Request& request) {
  PresentedSignature presented;
  if (!ReadPresented(request, &presented)) return "";
  const auto scope = sigv4::ParseCredential(presented.credential);
  return scope ? std::string(scope->service) : "";
}

}  // namespace tidemark::auth
