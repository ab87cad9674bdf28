#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/lambda/lambda_fixture.hpp"

namespace headrace::runtime::lambda {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const Headers kOfAnotherRegion = {
    {"authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/lambda/aws4_request"}};

class FunctionReadsTest : public LambdaFixture {
 protected:
  FunctionReadsTest() { add_function("mail"); }
};

TEST_F(FunctionReadsTest, ConfigurationHasWhatAwsAlwaysTells) {
  const HttpResponse response = ask("GET", "/2015-03-31/functions/mail/configuration");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(member(response, "FunctionName"), "mail");
  EXPECT_EQ(member(response, "FunctionArn"), "arn:aws:lambda:us-east-1:000000000000:function:mail");
  EXPECT_EQ(member(response, "Timeout"), "3");
  EXPECT_EQ(member(response, "MemorySize"), "128");
  EXPECT_EQ(member(response, "Version"), "$LATEST");
  EXPECT_EQ(member(response, "State"), "Active");
  EXPECT_EQ(member(response, "LastUpdateStatus"), "Successful");
  EXPECT_EQ(member(response, "LastModified"), "2026-01-01T00:00:00.000+0000");
  EXPECT_EQ(member(response, "PackageType"), "Zip");
  EXPECT_EQ(member(response, "Architectures"), R"(["x86_64"])");
  EXPECT_EQ(member(response, "EphemeralStorage.Size"), "512");
  EXPECT_EQ(member(response, "LoggingConfig.LogGroup"), "/aws/lambda/mail");
  EXPECT_EQ(member(response, "SnapStart.OptimizationStatus"), "Off");
  EXPECT_EQ(member(response, "TracingConfig.Mode"), "PassThrough");
  EXPECT_EQ(member(response, "Environment"), "absent");
  EXPECT_THAT(member(response, "CodeSha256"), ContainsRegex("^[A-Za-z0-9+/]{43}=$"));
  EXPECT_THAT(member(response, "RevisionId"), ContainsRegex("^[0-9a-f-]{36}$"));
}

TEST_F(FunctionReadsTest, QualifierIsInTheArnAsItWasAsked) {
  EXPECT_EQ(member(ask("GET", "/2015-03-31/functions/mail?Qualifier=%24LATEST"),
                   "Configuration.FunctionArn"),
            "arn:aws:lambda:us-east-1:000000000000:function:mail:$LATEST");
  EXPECT_EQ(ask("GET", "/2015-03-31/functions/mail?Qualifier=3").status, 404);
}

TEST_F(FunctionReadsTest, ListHasPagesAndNoStates) {
  add_function("a");
  add_function("z");
  HttpResponse response = ask("GET", "/2015-03-31/functions?MaxItems=2");
  EXPECT_THAT(response.body, HasSubstr(R"("FunctionName":"mail")"));
  EXPECT_THAT(response.body, Not(HasSubstr(R"("FunctionName":"z")")));
  EXPECT_THAT(response.body, Not(HasSubstr(R"("State")")));
  const std::string marker = member(response, "NextMarker");
  response =
      ask("GET", "/2015-03-31/functions?MaxItems=2&Marker=" + marker.substr(0, 6) + "%3D%3D");
  EXPECT_THAT(response.body, HasSubstr(R"("FunctionName":"z")"));
  EXPECT_EQ(member(response, "NextMarker"), "absent");
  EXPECT_THAT(ask("GET", "/2015-03-31/functions?FunctionVersion=ALL").body,
              HasSubstr(":function:mail:$LATEST"));
}

TEST_F(FunctionReadsTest, BadPagesAreRefused) {
  for (const char* query : {"MaxItems=0", "MaxItems=10001", "MaxItems=x", "MaxItems=-1", "Marker=?",
                            "FunctionVersion=ONE", "MaxItems=%zz"}) {
    EXPECT_EQ(ask("GET", "/2015-03-31/functions?" + std::string(query)).status, 400) << query;
  }
}

TEST_F(FunctionReadsTest, OtherRegionsHaveNone) {
  EXPECT_EQ(ask("GET", "/2015-03-31/functions", "", kOfAnotherRegion).body, R"({"Functions":[]})");
  EXPECT_EQ(member(ask("GET", "/2015-03-31/functions/mail", "", kOfAnotherRegion), "Message"),
            "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:mail");
}

TEST_F(FunctionReadsTest, AccountSettingsCountFunctions) {
  const HttpResponse response = ask("GET", "/2016-08-19/account-settings/");
  EXPECT_EQ(member(response, "AccountLimit.ConcurrentExecutions"), "1000");
  EXPECT_EQ(member(response, "AccountLimit.CodeSizeZipped"), "52428800");
  EXPECT_EQ(member(response, "AccountUsage.FunctionCount"), "1");
}

TEST_F(FunctionReadsTest, InfrastructureToolsAreAnsweredWithDefaults) {
  const auto at = [this](const std::string& date, const std::string& rest) {
    return ask("GET", "/" + date + "/functions/mail/" + rest);
  };
  EXPECT_EQ(at("2020-06-30", "code-signing-config").body, R"({"FunctionName":"mail"})");
  EXPECT_EQ(member(at("2021-07-20", "runtime-management-config"), "UpdateRuntimeOn"), "Auto");
  EXPECT_EQ(at("2019-09-30", "concurrency").body, "{}");
  EXPECT_EQ(at("2015-03-31", "aliases").body, R"({"Aliases":[]})");
  EXPECT_EQ(member(at("2015-03-31", "policy"), "Message"),
            "The resource you requested does not exist.");
  EXPECT_EQ(at("2021-10-31", "url").status, 404);
  EXPECT_EQ(at("2019-09-25", "event-invoke-config").status, 404);
  EXPECT_EQ(ask("GET", "/2020-06-30/functions/nobody/code-signing-config").status, 404);
}

TEST_F(FunctionReadsTest, UnknownOperationIsNamed) {
  for (const char* path : {"/2018-10-31/layers", "/2015-03-31", "/2015-03-31/functions/mail/%zz",
                           "/2015-03-31/functions/mail/configuration/more"}) {
    const HttpResponse response = ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "UnknownOperationException") << path;
    EXPECT_THAT(member(response, "message"), HasSubstr(path));
  }
  EXPECT_EQ(ask("PATCH", "/2015-03-31/functions/mail").status, 404);
}

}  // namespace
}  // namespace headrace::runtime::lambda
