// Who is let in, by his signature (SQS spec 2.8, 3.2; notes on reliability 9.1).
#include "runtime/auth/authenticator.hpp"

#include <gtest/gtest.h>

#include "tests/runtime/auth/signed_request.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

using queue::ErrorCode;
using std::chrono::minutes;
using std::chrono::seconds;

const CredentialScope kScope = {"AKIDALICE", "20260101", "eu-west-1", "sqs"};
constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

Credentials users() {
  Credentials users;
  users.add({"AKIDALICE", kSecret, "111122223333"});
  return users;
}

SignedParts parts_at(TimePoint time) {
  return {"POST",
          "/",
          "",
          {{"host", "localhost:4566"},
           {"x-amz-date", to_timestamp(time)},
           {"x-amz-target", "AmazonSQS.SendMessage"}},
          R"({"QueueUrl":"q","MessageBody":"a"})"};
}

class AuthenticatorTest : public ::testing::Test {
 protected:
  // The error it is refused with; nothing when it passes.
  std::optional<ErrorCode> refused(const SignedParts& parts) {
    const auto sender = required.check(to_request(parts), kTestStart);
    return sender ? std::nullopt : std::optional(sender.error().code);
  }

  Authenticator required{AuthMode::kRequired, users()};
  const SignedParts plain = parts_at(kTestStart);
  const SignedParts right = sign_parts(plain, kSecret, kScope);
};

TEST_F(AuthenticatorTest, ARightSignatureSaysWhoAndWhere) {
  for (int again = 0; again < 2; ++again) {  // the second with the key it remembers
    const auto sender = required.check(to_request(right), kTestStart);
    ASSERT_TRUE(sender.has_value()) << sender.error().message;
    ASSERT_TRUE(sender->has_value());
    EXPECT_EQ((*sender)->access_key_id, "AKIDALICE");
    EXPECT_EQ((*sender)->account, "111122223333");
    EXPECT_EQ((*sender)->region, "eu-west-1");
  }
}

TEST_F(AuthenticatorTest, AWrongOneIsRefusedAlsoAfterARightOne) {
  const SignedParts wrong = sign_parts(plain, "another secret", kScope);
  EXPECT_EQ(refused(wrong), ErrorCode::kSignatureDoesNotMatch);
  EXPECT_EQ(refused(right), std::nullopt);
  EXPECT_EQ(refused(wrong), ErrorCode::kSignatureDoesNotMatch);
}

TEST_F(AuthenticatorTest, AnotherBodyIsRefused) {
  SignedParts changed = right;
  changed.body = R"({"QueueUrl":"q","MessageBody":"b"})";
  EXPECT_EQ(refused(changed), ErrorCode::kSignatureDoesNotMatch);
}

TEST_F(AuthenticatorTest, UnknownKeysAndOtherServicesAreRefused) {
  CredentialScope scope = kScope;
  scope.access_key_id = "AKIDMALLORY";
  EXPECT_EQ(refused(sign_parts(plain, kSecret, scope)), ErrorCode::kInvalidClientTokenId);
  scope = kScope;
  scope.service = "s3";
  EXPECT_EQ(refused(sign_parts(plain, kSecret, scope)), ErrorCode::kSignatureDoesNotMatch);
  scope.service = "sts";
  EXPECT_EQ(refused(sign_parts(plain, kSecret, scope)), std::nullopt);
}

TEST_F(AuthenticatorTest, ClocksMayDifferByFiveMinutes) {
  const auto refused_at = [this](TimePoint time) {
    return refused(sign_parts(parts_at(time), kSecret, kScope));
  };
  const CredentialScope yesterday = {"AKIDALICE", "20251231", "eu-west-1", "sqs"};
  EXPECT_EQ(refused(sign_parts(parts_at(kTestStart - minutes(5)), kSecret, yesterday)),
            std::nullopt);
  EXPECT_EQ(refused(sign_parts(parts_at(kTestStart - minutes(5) - seconds(1)), kSecret, yesterday)),
            ErrorCode::kRequestExpired);
  EXPECT_EQ(refused_at(kTestStart + minutes(5)), std::nullopt);
  EXPECT_EQ(refused_at(kTestStart + minutes(5) + seconds(1)), ErrorCode::kSignatureDoesNotMatch);
}

TEST_F(AuthenticatorTest, ARegionIsOneOrTheServersOwn) {
  CredentialScope scope = kScope;
  for (const char* region : {"US-EAST-1", "..", "a.b"}) {
    scope.region = region;
    EXPECT_EQ(refused(sign_parts(plain, kSecret, scope)), ErrorCode::kSignatureDoesNotMatch)
        << region;
  }
  scope.region = kServersRegion;
  const auto sender = required.check(to_request(sign_parts(plain, kSecret, scope)), kTestStart);
  ASSERT_TRUE(sender.has_value());
  EXPECT_EQ((*sender)->region, "");
}

// What is read as a space is signed as one: no text can become another.
TEST_F(AuthenticatorTest, APlusIsASpaceAndNoPlus) {
  SignedParts parts = plain;
  parts.query = "MessageBody=a%2Bb";
  SignedParts plus = sign_parts(parts, kSecret, kScope);
  EXPECT_EQ(refused(plus), std::nullopt);
  plus.query = "MessageBody=a+b";
  EXPECT_EQ(refused(plus), ErrorCode::kSignatureDoesNotMatch);
  parts.query = "MessageBody=a%20b";
  SignedParts space = sign_parts(parts, kSecret, kScope);
  space.query = "MessageBody=a+b";
  EXPECT_EQ(refused(space), std::nullopt);
}

TEST_F(AuthenticatorTest, ADayThatIsNotTheTimestampsIsRefused) {
  CredentialScope scope = kScope;
  scope.date = "20260102";
  EXPECT_EQ(refused(sign_parts(plain, kSecret, scope)), ErrorCode::kIncompleteSignature);
}

TEST_F(AuthenticatorTest, BrokenSignaturesAreRefused) {
  SignedParts broken = plain;
  broken.headers.emplace_back("authorization", "Basic dXNlcjpwYXNzd29yZA==");
  EXPECT_EQ(refused(broken), ErrorCode::kIncompleteSignature);
  SignedParts twice = right;
  twice.headers.push_back(twice.headers.back());
  EXPECT_EQ(refused(twice), ErrorCode::kIncompleteSignature);
  SignedParts unsigned_header = right;
  unsigned_header.headers.emplace_back("x-amz-other", "1");
  EXPECT_EQ(refused(unsigned_header), ErrorCode::kIncompleteSignature);
}

TEST_F(AuthenticatorTest, WithoutASignatureNobodyPassesWhereItIsRequired) {
  EXPECT_EQ(refused(plain), ErrorCode::kMissingAuthenticationToken);
}

TEST_F(AuthenticatorTest, WhereItIsOptionalItMayBeMissingButNotWrong) {
  Authenticator optional(AuthMode::kOptional, users());
  const auto nobody = optional.check(to_request(plain), kTestStart);
  ASSERT_TRUE(nobody.has_value());
  EXPECT_FALSE(nobody->has_value());
  const SignedParts wrong = sign_parts(plain, "another secret", kScope);
  EXPECT_FALSE(optional.check(to_request(wrong), kTestStart).has_value());
  EXPECT_TRUE(optional.check(to_request(right), kTestStart).has_value());
}

// A link that was signed ahead holds as long as it says.
TEST_F(AuthenticatorTest, APresignedUrlExpires) {
  SignedParts link{"GET", "/", "", {{"host", "localhost:4566"}}, ""};
  link.query =
      "Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIDALICE%2F20260101%2Feu-west-1%2Fsqs%2Faws4_request"
      "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host";
  SignatureClaim claim;
  claim.scope = kScope;
  claim.signed_headers = "host";
  claim.timestamp = "20260101T000000Z";
  const auto text = string_to_sign(to_request(link), claim);
  link.query += "&X-Amz-Signature=" + hex(sign(signing_key(kSecret, kScope), text.value()));
  EXPECT_TRUE(required.check(to_request(link), kTestStart + minutes(60)).has_value());
  const auto late = required.check(to_request(link), kTestStart + minutes(60) + seconds(1));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::kRequestExpired);
  link.query.replace(link.query.find("=3600"), 5, "=7200");
  EXPECT_FALSE(required.check(to_request(link), kTestStart).has_value());
}

}  // namespace
}  // namespace headrace::runtime
