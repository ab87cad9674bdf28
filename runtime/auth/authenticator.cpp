#include "runtime/auth/authenticator.hpp"

#include <utility>

#include "queue/sqs/caller.hpp"

namespace headrace::runtime {

namespace {

// How far the clocks of client and server may differ (AWS: "Elements of an AWS API request
// signature").
constexpr Duration kSkewMax = std::chrono::minutes(5);
// One a user, day and region; more begin anew.
constexpr std::size_t kKeysMax = 1024;

queue::Error refusal(queue::ErrorCode code, std::string text) { return {code, std::move(text)}; }

queue::Status check_scope(const CredentialScope& scope) {
  if (scope.service != "sqs" && scope.service != "sts" && scope.service != "lambda") {
    return refusal(queue::ErrorCode::kSignatureDoesNotMatch,
                   "Credential should be scoped to correct service: 'sqs'.");
  }
  if (scope.region != kServersRegion && !queue::sqs::is_region(scope.region)) {
    return refusal(queue::ErrorCode::kSignatureDoesNotMatch,
                   "Credential should be scoped to a valid region.");
  }
  return {};
}

queue::Status check_time(const SignatureClaim& claim, TimePoint now) {
  if (now > claim.signed_at + claim.expires.value_or(kSkewMax)) {
    const std::string end =
        claim.expires ? to_timestamp(now - *claim.expires)
                      : to_timestamp(now - kSkewMax) + " (" + to_timestamp(now) + " - 5 min.)";
    return refusal(queue::ErrorCode::kRequestExpired,
                   "Signature expired: " + claim.timestamp + " is now earlier than " + end);
  }
  if (claim.signed_at > now + kSkewMax) {
    return refusal(queue::ErrorCode::kSignatureDoesNotMatch,
                   "Signature not yet current: " + claim.timestamp + " is still later than " +
                       to_timestamp(now + kSkewMax) + " (" + to_timestamp(now) + " + 5 min.)");
  }
  return {};
}

std::string name_of(const CredentialScope& scope) {
  return scope.access_key_id + "/" + scope.date + "/" + scope.region + "/" + scope.service;
}

}  // namespace

queue::Result<Authenticator::Claimed> Authenticator::judge(const HttpRequest& head,
                                                           TimePoint now) const {
  ReadClaim read = read_claim(head);
  if (read.kind == ClaimKind::kNone) {
    if (mode_ != AuthMode::kRequired) return Claimed();
    return refusal(queue::ErrorCode::kMissingAuthenticationToken,
                   "Request is missing Authentication Token");
  }
  if (read.kind == ClaimKind::kBroken) {
    return refusal(queue::ErrorCode::kIncompleteSignature, std::move(read.problem));
  }
  const Credential* const user = credentials_.find(read.claim.scope.access_key_id);
  if (user == nullptr) {
    return refusal(queue::ErrorCode::kInvalidClientTokenId,
                   "The security token included in the request is invalid.");
  }
  queue::Status status = check_scope(read.claim.scope);
  if (status) status = check_time(read.claim, now);
  if (!status) return status.error();
  return Claimed{user, std::move(read.claim)};
}

queue::Status Authenticator::check_head(const HttpRequest& head, TimePoint now) const {
  const auto claimed = judge(head, now);
  if (!claimed) return claimed.error();
  return {};
}

queue::Result<std::optional<HttpIdentity>> Authenticator::check(const HttpRequest& request,
                                                                TimePoint now) {
  const auto claimed = judge(request, now);
  if (!claimed) return claimed.error();
  if (claimed->user == nullptr) return std::optional<HttpIdentity>();
  const Credential& user = *claimed->user;
  const queue::Status status = check_signature(request, claimed->claim, user.secret);
  if (!status) return status.error();
  const std::string& region = claimed->claim.scope.region;
  return std::optional<HttpIdentity>(HttpIdentity{
      user.access_key_id, user.account, region == kServersRegion ? std::string() : region});
}

queue::Status Authenticator::check_signature(const HttpRequest& request,
                                             const SignatureClaim& claim,
                                             const std::string& secret) {
  const auto text = string_to_sign(request, claim);
  if (!text) {
    return refusal(queue::ErrorCode::kIncompleteSignature,
                   "A header that is to be signed is missing.");
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
    return refusal(queue::ErrorCode::kSignatureDoesNotMatch,
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
