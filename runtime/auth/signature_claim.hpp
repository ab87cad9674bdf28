// What a request claims to be signed with (AWS, "Signature Version 4"), and what is wrong with a
// claim that cannot be checked. Pure, and fit for bytes from anywhere. Whether the signature is
// right says sigv4.hpp.
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
  std::string problem;  // broken: what is wrong with it, in AWS's words where AWS has some
};

// A request that is signed twice, leaves its Host or one of its x-amz- headers unsigned, or spells
// anything in another way than AWS's clients do makes a broken claim.
ReadClaim read_claim(const HttpRequest& request);

// "20260102T030405Z"
std::string to_timestamp(TimePoint time);
std::optional<TimePoint> parse_timestamp(std::string_view text);

}  // namespace headrace::runtime
