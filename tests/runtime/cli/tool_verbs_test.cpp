// What makes other people's tools work: LOCALSTACK_HOST, env, aws.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/runtime/cli/run_verb.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

// One variable of the environment, for as long as it lives; null takes it out.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr) {
      unsetenv(name_);
    } else {
      setenv(name_, value, 1);
    }
  }

  const char* name_;
  std::optional<std::string> before_;
};

class ToolVerbs : public testing::Test {
 protected:
  TemporaryDirectory folder_;
};

class LocalstackHost : public ToolVerbs {
 protected:
  // What queue URLs begin with when the server is started so.
  std::string public_url(const char* value, std::vector<std::string> words) {
    const Variable host("LOCALSTACK_HOST", value);
    std::string url = "not served";
    const auto serve = [&url](const ServeOptions& options) {
      url = options.config.server.public_url;
      return 0;
    };
    words.insert(words.begin(), "serve");
    run(std::move(words), serve);
    return url;
  }
};

TEST_F(LocalstackHost, IsWhatQueueUrlsName) {
  EXPECT_EQ(public_url("queues:8080", {}), "http://queues:8080");
  EXPECT_EQ(public_url("localhost.localstack.cloud:4566", {}),
            "http://localhost.localstack.cloud:4566");
  EXPECT_EQ(public_url("", {}), "");
}

TEST_F(LocalstackHost, HasThePortListenedOnWhenItNamesNone) {
  EXPECT_EQ(public_url("headrace", {}), "http://headrace:4566");
  EXPECT_EQ(public_url("headrace", {"--listen", "127.0.0.1:9000"}), "http://headrace:9000");
  EXPECT_EQ(public_url("headrace", {"--listen", "127.0.0.1:0"}), "not served");
}

TEST_F(LocalstackHost, YieldsToThePublicUrlOfTheFile) {
  const std::string file = folder_.path() + "/headrace.yaml";
  std::ofstream(file) << "version: 1\nserver: { public_url: \"https://queues\" }\n";
  EXPECT_EQ(public_url("other:1", {"--config", file}), "https://queues");
}

TEST_F(LocalstackHost, IsRefusedWhenItIsNoAddress) {
  EXPECT_EQ(public_url("http://queues:8080", {}), "not served");
  EXPECT_EQ(public_url("a b", {}), "not served");
}

class AwsEnvironment : public ToolVerbs {
 protected:
  // For a verb that becomes another program.
  static int exit_code_of(std::vector<std::string> words) {
    const pid_t child = fork();
    if (child == 0) {
      run(std::move(words));
      _exit(99);  // it did not
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Variable key_{"AWS_ACCESS_KEY_ID", nullptr};
  Variable secret_{"AWS_SECRET_ACCESS_KEY", nullptr};
  Variable profile_{"AWS_PROFILE", nullptr};
  Variable region_{"AWS_REGION", nullptr};
  Variable default_region_{"AWS_DEFAULT_REGION", nullptr};
};

TEST_F(AwsEnvironment, EnvPointsAShellAtTheServer) {
  EXPECT_EQ(run({"env", "--endpoint", "http://127.0.0.1:5000/"}).out,
            "export AWS_ENDPOINT_URL='http://127.0.0.1:5000'\n"
            "export AWS_ENDPOINT_URL_SQS='http://127.0.0.1:5000'\n"
            "export AWS_REGION='us-east-1'\n"
            "export AWS_DEFAULT_REGION='us-east-1'\n"
            "export AWS_ACCESS_KEY_ID='test'\n"
            "export AWS_SECRET_ACCESS_KEY='test'\n");
}

TEST_F(AwsEnvironment, EnvKeepsTheCredentialsThereAre) {
  {
    const Variable key("AWS_ACCESS_KEY_ID", "AKIA");
    EXPECT_THAT(run({"env"}).out, HasSubstr("AWS_ACCESS_KEY_ID='test'"));  // half of a pair
    const Variable secret("AWS_SECRET_ACCESS_KEY", "secret");
    EXPECT_THAT(run({"env"}).out, Not(HasSubstr("ACCESS_KEY")));
  }
  const Variable profile("AWS_PROFILE", "work");
  EXPECT_THAT(run({"env"}).out, Not(HasSubstr("ACCESS_KEY")));
}

TEST_F(AwsEnvironment, EnvNamesTheRegionAndTheAccountAskedFor) {
  const Variable region("AWS_DEFAULT_REGION", "eu-central-1");
  EXPECT_THAT(run({"env"}).out, HasSubstr("AWS_REGION='eu-central-1'"));
  const std::string out = run({"env", "--region", "eu-west-1", "--account", "123456789012"}).out;
  EXPECT_THAT(out, HasSubstr("AWS_REGION='eu-west-1'"));
  EXPECT_THAT(out, HasSubstr("AWS_ACCESS_KEY_ID='123456789012'"));
}

TEST_F(AwsEnvironment, EnvIsSafeToEvaluate) {
  EXPECT_THAT(run({"env", "--endpoint", "http://a'; touch /tmp/x; '$(b)"}).out,
              HasSubstr("AWS_ENDPOINT_URL='http://a'\\''; touch /tmp/x; '\\''$(b)'\n"));
}

TEST_F(AwsEnvironment, AwsBecomesTheCliAndEndsAsItDoes) {
  const std::string seen = folder_.path() + "/seen";
  std::ofstream(folder_.path() + "/aws")
      << "#!/bin/sh\necho \"$@\" \"$AWS_DEFAULT_REGION $AWS_ACCESS_KEY_ID\" >" << seen
      << "\nexit 7\n";
  std::filesystem::permissions(folder_.path() + "/aws", std::filesystem::perms::owner_all);
  const Variable path("PATH", (folder_.path() + ":/usr/bin:/bin").c_str());
  EXPECT_EQ(exit_code_of({"--endpoint", "http://h:1", "aws", "sqs", "send-message", "--region", "x",
                          "--", "--help"}),
            7);
  std::string words;
  std::getline(std::ifstream(seen), words);
  EXPECT_EQ(words,
            "--endpoint-url http://h:1 sqs send-message --region x -- --help us-east-1 test");
}

TEST_F(AwsEnvironment, AwsSaysWhenThereIsNone) {
  const Variable path("PATH", folder_.path().c_str());
  const Outcome outcome = run({"aws", "sqs", "list-queues"});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_THAT(outcome.err, HasSubstr("there is no aws on PATH"));
}

}  // namespace
}  // namespace headrace::runtime
