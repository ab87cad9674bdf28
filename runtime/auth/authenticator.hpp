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

class Authenticator {
 public:
  Authenticator(AuthMode mode, Credentials credentials)
      : mode_(mode), credentials_(std::move(credentials)) {}

  // Nobody for a request without a signature, where that may pass. Hashes the body.
  queue::Result<std::optional<HttpIdentity>> check(const HttpRequest& request, TimePoint now);

 private:
  queue::Status check_signature(const HttpRequest& request, const SignatureClaim& claim,
                                const std::string& secret);

  const AuthMode mode_;
  const Credentials credentials_;
  std::mutex mutex_;
  std::map<std::string, Sha256> keys_;  // by scope, of signatures that were right
};

}  // namespace headrace::runtime
