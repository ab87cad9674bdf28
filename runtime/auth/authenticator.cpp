#include "runtime/auth/authenticator.hpp"

#include <utility>

namespace headrace::runtime {

namespace {

using queue::ErrorCode;

// How far the clocks of client and server may differ (AWS: "Elements of an AWS API request
// signature").
constexpr Duration kSkewMax = std::chrono::minutes(5);
// One a user, day and region; more begin anew.
constexpr std::size_t kKeysMax = 1024;

queue::Error refusal(ErrorCode code, std::string text) { return {code, std::move(text)}; }

queue::Status check_scope(const CredentialScope& scope) {
  if (scope.service == "sqs" || scope.service == "sts") return {};
  return refusal(ErrorCode::kSignatureDoesNotMatch,
                 "Credential should be scoped to correct service: 'sqs'.");
}

queue::Status check_time(const SignatureClaim& claim, TimePoint now) {
  const TimePoint end = claim.signed_at + claim.expires.value_or(kSkewMax);
  if (now > end) {
    return refusal(ErrorCode::kRequestExpired, "Signature expired: " + to_timestamp(end) +
                                                   " is now earlier than " + to_timestamp(now));
  }
  if (claim.signed_at > now + kSkewMax) {
    return refusal(ErrorCode::kSignatureDoesNotMatch,
                   "Signature not yet current: " + claim.timestamp + " is still later than " +
                       to_timestamp(now + kSkewMax));
  }
  return {};
}

std::string name_of(const CredentialScope& scope) {
  return scope.access_key_id + "/" + scope.date + "/" + scope.region + "/" + scope.service;
}

}  // namespace

queue::Result<std::optional<HttpIdentity>> Authenticator::check(const HttpRequest& request,
                                                                TimePoint now) {
  ReadClaim read = read_claim(request);
  if (read.kind == ClaimKind::kNone) {
    if (mode_ != AuthMode::kRequired) return std::optional<HttpIdentity>();
    return refusal(ErrorCode::kMissingAuthenticationToken,
                   "Request is missing Authentication Token");
  }
  if (read.kind == ClaimKind::kBroken) {
    return refusal(ErrorCode::kIncompleteSignature,
                   "The request signature does not conform to AWS standards.");
  }
  const CredentialScope& scope = read.claim.scope;
  const Credential* const user = credentials_.find(scope.access_key_id);
  if (user == nullptr) {
    return refusal(ErrorCode::kInvalidClientTokenId,
                   "The security token included in the request is invalid.");
  }
  queue::Status status = check_scope(scope);
  if (status) status = check_time(read.claim, now);
  if (status) status = check_signature(request, read.claim, user->secret);
  if (!status) return status.error();
  return std::optional<HttpIdentity>(
      HttpIdentity{scope.access_key_id, user->account, scope.region});
}

queue::Status Authenticator::check_signature(const HttpRequest& request,
                                             const SignatureClaim& claim,
                                             const std::string& secret) {
  const auto text = string_to_sign(request, claim);
  if (!text) {
    return refusal(ErrorCode::kIncompleteSignature, "A header that is to be signed is missing.");
  }
  const std::string name = name_of(claim.scope);
  std::optional<Sha256> known;
  {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(name);
    if (found != keys_.end()) known = found->second;
  }
  const Sha256 key = known ? *known : signing_key(secret, claim.scope);
  if (!same_signature(sign(key, *text), claim.signature)) {
    return refusal(ErrorCode::kSignatureDoesNotMatch,
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your AWS Secret Access Key and signing method. Consult the service "
                   "documentation for details.");
  }
  if (!known) {
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= kKeysMax) keys_.clear();
    keys_.emplace(name, key);
  }
  return {};
}

}  // namespace headrace::runtime
