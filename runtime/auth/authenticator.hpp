// Authenticator: decides by its signature who sent a request (notes on Signature Version 4 stand in
// sigv4.hpp). From any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/codec.hpp"
#include "base/http.hpp"
#include "queue/error.hpp"
#include "runtime/auth/auth_mode.hpp"
#include "runtime/auth/credentials.hpp"
#include "runtime/auth/sigv4.hpp"

namespace headrace::runtime {

// The region of a scope whose sender does not know the server's: its own is meant.
inline constexpr std::string_view kServersRegion = "_";

class Authenticator {
 public:
  Authenticator(AuthMode mode, Credentials credentials)
      : mode_(mode), credentials_(std::move(credentials)) {}

  // Nobody for a request without a signature, where that may pass. Hashes the body. `now` is the
  // wall clock, as it is set at this moment: the client has signed by his.
  queue::Result<std::optional<HttpIdentity>> check(const HttpRequest& request, TimePoint now);

  // Whether check could let in a request with this head.
  queue::Status check_head(const HttpRequest& head, TimePoint now) const;

 private:
  struct Claimed {
    const Credential* user = nullptr;  // none: not signed, and need not be
    SignatureClaim claim;
  };
  queue::Result<Claimed> judge(const HttpRequest& head, TimePoint now) const;
  queue::Status check_signature(const HttpRequest& request, const SignatureClaim& claim,
                                const std::string& secret);

  const AuthMode mode_;
  const Credentials credentials_;
  std::mutex mutex_;
  std::map<std::string, Sha256> keys_;  // by scope, of signatures that were right
};

}  // namespace headrace::runtime
