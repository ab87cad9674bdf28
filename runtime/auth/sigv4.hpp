// AWS Signature Version 4: what a request claims to be signed with, and what the signature would
// have to be (AWS, "Create a signed AWS API request"). Pure, and fit for bytes from anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/codec.hpp"
#include "base/http.hpp"

namespace headrace::runtime {

// "AKID/20260102/us-east-1/sqs/aws4_request"
struct CredentialScope {
  std::string access_key_id;
  std::string date;
  std::string region;
  std::string service;
};

// A request's claim, in its Authorization header or, presigned, in its query.
struct SignatureClaim {
  CredentialScope scope;
  std::string signed_headers;  // "host;x-amz-date"
  Sha256 signature{};
  std::string timestamp;  // "20260102T030405Z", of the day of the scope
  TimePoint signed_at;
  std::optional<Duration> expires;  // presigned: how long it holds
};

enum class ClaimKind {
  kNone,    // not signed
  kBroken,  // it is no claim that can be checked
  kWhole,
};

struct ReadClaim {
  ClaimKind kind = ClaimKind::kNone;
  SignatureClaim claim;
};

// A request that is signed twice, leaves its Host or one of its x-amz- headers unsigned, or spells
// anything in another way than AWS's clients do makes a broken claim.
ReadClaim read_claim(const HttpRequest& request);

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

// "20260102T030405Z"
std::string to_timestamp(TimePoint time);
std::optional<TimePoint> parse_timestamp(std::string_view text);

}  // namespace headrace::runtime
