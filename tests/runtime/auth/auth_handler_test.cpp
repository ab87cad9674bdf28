// What stands before everything that answers, in the protocols of those who are refused.
#include "runtime/auth/auth_handler.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/runtime/auth/signed_request.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

constexpr const char* kOperators = "000000000000";

// Says for whom it answered.
class Inner final : public HttpHandler {
 public:
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request, Cancellation&) override {
    HttpResponse response;
    response.body = request.identity ? request.identity->account : "anybody";
    co_return response;
  }
};

class AuthHandlerTest : public ::testing::Test {
 protected:
  static Credentials users() {
    Credentials users;
    users.add({"OPERATOR", "secret", kOperators});
    users.add({"STRANGER", "secret", "111122223333"});
    return users;
  }

  HttpResponse ask(AuthMode mode, const SignedParts& parts) {
    Authenticator authenticator(mode, users());
    AuthHandler handler({*pool, authenticator, inner}, kOperators, 1, [] { return kTestStart; });
    HttpResponse answer;
    bool answered = false;
    boost::asio::co_spawn(loop, handler.handle(to_request(parts), never),
                          [&](const std::exception_ptr& failure, HttpResponse response) {
                            EXPECT_EQ(failure, nullptr);
                            answer = std::move(response);
                            answered = true;
                          });
    loop.restart();
    loop.run();
    EXPECT_TRUE(answered);
    return answer;
  }
  HttpResponse ask(const SignedParts& parts) { return ask(AuthMode::kRequired, parts); }

  static SignedParts get(const std::string& path) {
    return {"GET",
            path,
            "",
            {{"host", "localhost:4566"}, {"x-amz-date", to_timestamp(kTestStart)}},
            ""};
  }
  static SignedParts signed_by(const std::string& who, const SignedParts& parts) {
    return sign_parts(parts, "secret", {who, "20260101", "us-east-1", "sqs"});
  }

  boost::asio::io_context loop;
  std::unique_ptr<Offload> pool = make_inline_offload(loop);
  Inner inner;
  Cancellation never;
};

TEST_F(AuthHandlerTest, HandsOnWhoHasSigned) {
  EXPECT_EQ(ask(signed_by("STRANGER", get("/"))).body, "111122223333");
  EXPECT_EQ(ask(AuthMode::kOptional, get("/")).body, "anybody");
}

TEST_F(AuthHandlerTest, LambdaIsRefusedInItsOwnWordsAndSignedForUnderItsName) {
  const SignedParts parts = get("/2015-03-31/functions");
  const HttpResponse refused = ask(parts);
  EXPECT_EQ(refused.status, 403);
  ASSERT_FALSE(refused.headers.empty());
  EXPECT_EQ(refused.headers.front().first, "x-amzn-ErrorType");
  EXPECT_EQ(refused.headers.front().second, "MissingAuthenticationTokenException");
  const CredentialScope scope{"OPERATOR", "20260101", "us-east-1", "lambda"};
  EXPECT_EQ(ask(sign_parts(parts, "secret", scope)).body, kOperators);
}

TEST_F(AuthHandlerTest, ALargeBodyIsCheckedInThePool) {
  SignedParts parts = get("/");
  parts.method = "POST";
  parts.body = std::string(200'000, 'x');
  SignedParts right = signed_by("STRANGER", parts);
  EXPECT_EQ(ask(right).status, 200);
  right.body.back() = 'y';
  EXPECT_EQ(ask(right).status, 403);
}

// Before their bodies fill the memory that all share.
TEST_F(AuthHandlerTest, TurnsAwayByTheHeadWhoCannotBeLetIn) {
  Authenticator authenticator(AuthMode::kRequired, users());
  AuthHandler handler({*pool, authenticator, inner}, kOperators, 1, [] { return kTestStart; });
  const auto turned_away = [&handler](const SignedParts& parts) {
    const auto answer = handler.turn_away(to_request(parts));
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(turned_away(get("/")), 403);
  EXPECT_EQ(turned_away(signed_by("NOBODY", get("/"))), 403);
  EXPECT_EQ(turned_away(signed_by("STRANGER", get("/"))), 0);
  EXPECT_EQ(turned_away(get("/_headrace/health")), 0);
}

TEST_F(AuthHandlerTest, HealthIsOpen) {
  EXPECT_EQ(ask(get("/_headrace/health")).body, "anybody");
  EXPECT_EQ(ask(get("/_localstack/health")).body, "anybody");
  SignedParts post = get("/_headrace/health");
  post.method = "POST";
  EXPECT_EQ(ask(post).status, 403);
  EXPECT_EQ(ask(get("/_headrace/healthy")).status, 403);
}

TEST_F(AuthHandlerTest, OnlyUsersOfTheServersAccountOperateIt) {
  EXPECT_EQ(ask(signed_by("OPERATOR", get("/_headrace/status"))).body, kOperators);
  const HttpResponse stranger = ask(signed_by("STRANGER", get("/_headrace/status")));
  EXPECT_EQ(stranger.status, 403);
  EXPECT_EQ(stranger.body, R"({"error":"This is for the users of the server's own account."})");
}

TEST_F(AuthHandlerTest, RefusesInTheCallersProtocol) {
  SignedParts json = get("/");
  json.method = "POST";
  json.headers.emplace_back("x-amz-target", "AmazonSQS.ListQueues");
  HttpResponse refused = ask(json);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(refused.body, R"({"__type":"com.amazon.coral.service#MissingAuthenticationToken",)"
                          R"("message":"Request is missing Authentication Token"})");

  SignedParts form = get("/");
  form.method = "POST";
  form.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  form.body = "Action=ListQueues";
  refused = ask(sign_parts(form, "wrong", {"OPERATOR", "20260101", "us-east-1", "sqs"}));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.content_type, "text/xml");
  EXPECT_NE(refused.body.find("<Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"),
            std::string::npos);

  refused = ask(get("/_headrace/status"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"error":"Request is missing Authentication Token"})");
}

}  // namespace
}  // namespace headrace::runtime
