// AWS Signature Version 4: what the signature of a request has to be (AWS, "Create a signed AWS API
// request"). Pure, and fit for bytes from anywhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/codec.hpp"
#include "base/http.hpp"
#include "runtime/auth/signature_claim.hpp"

namespace headrace::runtime {

// What is signed: the request in its canonical form, named by time and scope. Nothing when a header
// that should be signed is missing, or the query is escaped badly.
std::optional<std::string> string_to_sign(const HttpRequest& request, const SignatureClaim& claim);

// The key of one day, region and service.
Sha256 signing_key(std::string_view secret, const CredentialScope& scope);

Sha256 sign(const Sha256& key, std::string_view string_to_sign);

// The Authorization header of a request that signs all its headers; x-amz-date and host must be
// among them.
std::string authorization(const HttpRequest& request, std::string_view secret,
                          const CredentialScope& scope);

// In constant time.
bool same_signature(const Sha256& a, const Sha256& b);

}  // namespace headrace::runtime
