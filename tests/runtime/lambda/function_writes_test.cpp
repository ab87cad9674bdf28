#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/runtime/lambda/lambda_fixture.hpp"
#include "tests/runtime/lambda/zip_builder.hpp"

namespace headrace::runtime::lambda {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::string kFunctions = "/2015-03-31/functions";
const std::string kMail = kFunctions + "/mail";

std::string zip_of(const std::string& code) {
  return base64_encode(ZipBuilder().add("index.js", code).build());
}

class FunctionWritesTest : public LambdaFixture {
 protected:
  // With more members, or others: R"("Timeout":5)".
  HttpResponse create(const std::string& more = R"("Timeout":3)",
                      const std::string& code = R"({"ZipFile":")" + zip_of("1") + R"("})") {
    return ask("POST", kFunctions,
               R"({"FunctionName":"mail","Runtime":"nodejs20.x","Handler":"index.handler",)"
               R"("Role":"arn:aws:iam::000000000000:role/r","Code":)" +
                   code + "," + more + "}");
  }

  HttpResponse update_code(const std::string& code, const std::string& more = "") {
    return ask("PUT", kMail + "/code", R"({"ZipFile":")" + zip_of(code) + "\"" + more + "}");
  }
  HttpResponse configure(const std::string& body) {
    return ask("PUT", kMail + "/configuration", body);
  }
  HttpResponse get() { return ask("GET", kMail); }
  HttpResponse invoke() { return ask("POST", kMail + "/invocations", "{}"); }
};

TEST_F(FunctionWritesTest, CreatedFunctionIsDescribedAndRuns) {
  const HttpResponse response =
      create(R"("Timeout":7,"MemorySize":256,"Description":"Sends mail",)"
             R"("Environment":{"Variables":{"TO":"ada"}},"Tags":{"team":"mail"})");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(member(response, "FunctionArn"), "arn:aws:lambda:us-east-1:000000000000:function:mail");
  EXPECT_EQ(member(response, "State"), "Active");
  EXPECT_EQ(member(response, "Runtime"), "nodejs20.x");
  EXPECT_EQ(member(response, "Timeout"), "7");
  EXPECT_EQ(member(response, "Environment.Variables.TO"), "ada");
  const Sha256 digest = sha256(ZipBuilder().add("index.js", "1").build());
  EXPECT_EQ(member(response, "CodeSha256"),
            base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  EXPECT_EQ(member(get(), "Tags.team"), "mail");
  EXPECT_EQ(invoke().status, 200);
  const functions::FunctionConfig& config = made_configs_.at(0);
  EXPECT_EQ(config.kind, functions::FunctionKind::kProcess);
  EXPECT_EQ(config.timeout, std::chrono::seconds(7));
  EXPECT_EQ(config.memory_bytes, 256U << 20U);
  EXPECT_EQ(config.environment.at("TO"), "ada");
  EXPECT_TRUE(std::filesystem::exists(config.process.code + "/index.js"));
}

// Its code would run with the rights of the server's user.
TEST_F(FunctionWritesTest, NothingIsUploadedWhereTheServerTakesNone) {
  create();
  uploads_ = false;
  start_service();
  for (const HttpResponse& response :
       {create(), update_code("2"), configure(R"({"Timeout":4})"), ask("DELETE", kMail)}) {
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "AccessDeniedException");
  }
  EXPECT_EQ(invoke().status, 200);
}

// Who has signed as a user of another account reaches nothing here, however he names it.
TEST_F(FunctionWritesTest, UsersOfAnotherAccountReachNoFunction) {
  create();
  identity_ = HttpIdentity{"AKIDMALLORY", "111122223333", ""};
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:mail";
  for (const std::string& name : {std::string("mail"), std::string("000000000000:mail"), arn}) {
    const std::string path = "/2015-03-31/functions/" + name;
    EXPECT_EQ(ask("GET", path).status, 404) << name;
    EXPECT_EQ(ask("POST", path + "/invocations", "{}").status, 404) << name;
    EXPECT_EQ(ask("PUT", path + "/code", R"({"ZipFile":")" + zip_of("2") + R"("})").status, 404);
    EXPECT_EQ(ask("PUT", path + "/configuration", R"({"Timeout":4})").status, 404) << name;
    EXPECT_EQ(ask("DELETE", path).status, 404) << name;
  }
  identity_->account = "000000000000";
  EXPECT_EQ(ask("GET", "/2015-03-31/functions/" + arn).status, 200);
}

TEST_F(FunctionWritesTest, FunctionOutlivesTheServer) {
  create(R"("Environment":{"Variables":{}},"Tags":{"team":"mail"})");
  const std::string before = get().body;
  start_service();
  EXPECT_EQ(get().body, before);
  EXPECT_EQ(invoke().status, 200);
}

TEST_F(FunctionWritesTest, SharedLibraryAloneIsANativeFunction) {
  create(R"("Description":"native")",
         R"({"ZipFile":")" + base64_encode(ZipBuilder().add("mail.so", "elf").build()) + R"("})");
  EXPECT_EQ(made_configs_.at(0).kind, functions::FunctionKind::kProcess);
  ask("DELETE", kMail);
  run_ready(loop_);
  const std::string zip = base64_encode(ZipBuilder().add("mail.so", "elf").build());
  EXPECT_EQ(ask("POST", kFunctions,
                R"({"FunctionName":"mail","Runtime":"provided.al2023","Handler":"x",)"
                R"("Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":")" +
                    zip + R"("}})")
                .status,
            201);
  EXPECT_EQ(made_configs_.at(1).kind, functions::FunctionKind::kNative);
  EXPECT_THAT(made_configs_.at(1).artifact, HasSubstr("/mail.so"));
}

TEST_F(FunctionWritesTest, NewCodeTakesOverAndChangesTheRevision) {
  const std::string before = member(create(), "RevisionId");
  const HttpResponse response = update_code("2");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(member(response, "RevisionId"), before);
  EXPECT_NE(made_configs_.at(0).process.code, made_configs_.at(1).process.code);
  invoke();
  EXPECT_THAT(made_.at(1)->batches(), SizeIs(1));
}

TEST_F(FunctionWritesTest, NewSettingsTakeOverAndTheOthersStay) {
  create(R"("Timeout":7,"Environment":{"Variables":{"TO":"ada"}})");
  const HttpResponse response = configure(R"({"MemorySize":512})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(member(response, "MemorySize"), "512");
  EXPECT_EQ(member(response, "Timeout"), "7");
  EXPECT_EQ(made_configs_.at(1).memory_bytes, 512U << 20U);
  EXPECT_EQ(made_configs_.at(1).environment.at("TO"), "ada");
  EXPECT_EQ(made_configs_.at(1).process.code, made_configs_.at(0).process.code);
}

TEST_F(FunctionWritesTest, ChangeOfAnotherRevisionIsRefused) {
  create();
  for (const HttpResponse& response : {update_code("2", R"(,"RevisionId":"other")"),
                                       configure(R"({"RevisionId":"other","Timeout":4})")}) {
    EXPECT_EQ(response.status, 412);
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "PreconditionFailedException");
  }
  EXPECT_THAT(made_, SizeIs(1));
}

TEST_F(FunctionWritesTest, DeletedFunctionIsGoneAndItsMappingsStay) {
  create();
  StoreFixture::create("signup", {});
  const HttpResponse mapping =
      ask("POST", "/2015-03-31/event-source-mappings",
          R"({"EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:signup",)"
          R"("FunctionName":"mail"})");
  EXPECT_EQ(ask("DELETE", kMail + "?Qualifier=%24LATEST").status, 400);
  EXPECT_EQ(ask("DELETE", kMail).status, 204);
  EXPECT_EQ(get().status, 404);
  EXPECT_EQ(ask("DELETE", kMail).status, 404);
  const std::string uuid = member(mapping, "UUID");
  EXPECT_EQ(member(ask("GET", "/2015-03-31/event-source-mappings/" + uuid), "State"), "Enabled");
  send("signup", "ada");
  create();
  EXPECT_THAT(made_.at(1)->batches(), SizeIs(1));
  start_service();
  EXPECT_EQ(get().status, 200);
}

TEST_F(FunctionWritesTest, NameThatIsTakenIsRefused) {
  create();
  EXPECT_EQ(create().status, 409);
  EXPECT_EQ(member(create(), "message"), "Function already exist: mail");
}

TEST_F(FunctionWritesTest, WhatCannotRunIsRefusedAndChangesNothing) {
  cannot_run_ = "there is no node on the PATH";
  EXPECT_EQ(member(create(), "message"), "there is no node on the PATH");
  EXPECT_EQ(get().status, 404);
  cannot_run_.clear();
  EXPECT_EQ(create().status, 201);
  const std::string before = get().body;
  cannot_run_ = "there is no node on the PATH";
  EXPECT_EQ(update_code("2").status, 400);
  EXPECT_EQ(get().body, before);
  EXPECT_EQ(invoke().status, 200);
}

TEST_F(FunctionWritesTest, FunctionOfTheConfigurationStaysAsItIs) {
  add_function("mail");
  for (const HttpResponse& response :
       {update_code("2"), configure(R"({"Timeout":4})"), ask("DELETE", kMail)}) {
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(member(response, "message"),
              "This function stands in the configuration of the server; change it there.");
  }
}

TEST_F(FunctionWritesTest, CodeMustBeAZipInBase64) {
  for (const auto& [code, text] : std::vector<std::pair<std::string, std::string>>{
           {R"({"ZipFile":"?"})", "expected base64"},
           {R"({"ZipFile":""})", "non-empty zip"},
           {R"({"ZipFile":"AAAA"})", "Could not unzip uploaded file."},
           {R"({"S3Bucket":"b","S3Key":"k"})", "S3Bucket is not supported"},
           {R"({})", "Please provide a source for function code."},
           {R"("zip")", "Code: expected an object"}}) {
    const HttpResponse response = create(R"("Timeout":3)", code);
    EXPECT_EQ(response.status, 400) << code;
    EXPECT_THAT(member(response, "message"), HasSubstr(text)) << code;
  }
}

TEST_F(FunctionWritesTest, SettingsHaveTheLimitsOfAws) {
  for (const auto& [more, text] : std::vector<std::pair<std::string, std::string>>{
           {R"("Timeout":0)",
            "'timeout' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1"},
           {R"("Timeout":901)", "less than or equal to 900"},
           {R"("MemorySize":127)", "greater than or equal to 128"},
           {R"("MemorySize":10241)", "less than or equal to 10240"},
           {R"("Environment":{"Variables":{"AWS_REGION":"x"}})",
            "Reserved keys used in this request: AWS_REGION"},
           {R"("Environment":{"Variables":{"A":")" + std::string(4096, 'x') + R"("}})",
            "4KB limit"},
           {R"("Environment":{"Variables":{"1A":"x"}})", "environment.variables"},
           {R"("Description":")" + std::string(257, 'x') + "\"", "less than or equal to 256"},
           {R"("PackageType":"Image")", "PackageType must be Zip"},
           {R"("Layers":["arn:aws:lambda:us-east-1:000000000000:layer:l:1"])", "Layers"},
           {R"("TracingConfig":{"Mode":"Active"})", "TracingConfig is not supported"},
           {R"("Publish":true)", "Publish is not supported"},
           {R"("Architectures":["arm64"])", "Architectures is not supported"}}) {
    const HttpResponse response = create(more);
    EXPECT_EQ(response.status, 400) << more;
    EXPECT_THAT(member(response, "message"), HasSubstr(text)) << more;
  }
  EXPECT_EQ(create(R"("Publish":false,"Layers":[],"VpcConfig":{"SubnetIds":[]},)"
                   R"("TracingConfig":{"Mode":"PassThrough"},"EphemeralStorage":{"Size":512})")
                .status,
            201);
}

TEST_F(FunctionWritesTest, OtherRuntimesAndRolesAreRefused) {
  const auto attempt = [this](const std::string& runtime, const std::string& role) {
    return member(
        ask("POST", kFunctions,
            R"({"FunctionName":"mail","Handler":"a.b","Runtime":")" + runtime + R"(","Role":")" +
                role + R"(","Code":{"ZipFile":")" + zip_of("1") + R"("}})"),
        "message");
  };
  const std::string role = "arn:aws:iam::000000000000:role/r";
  EXPECT_THAT(attempt("java21", role), HasSubstr("java21 is not supported by headrace"));
  EXPECT_THAT(attempt("nodejs20.x", "admin"), HasSubstr("'role' failed to satisfy constraint"));
  EXPECT_THAT(attempt("", role), HasSubstr("Runtime and Handler are mandatory"));
}

}  // namespace
}  // namespace headrace::runtime::lambda
