#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/cli/cpp_project.hpp"
#include "tests/runtime/cli/local_server.hpp"
#include "tests/runtime/cli/run_verb.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class FunctionVerbs : public testing::Test {
 protected:
  Outcome invoke(const std::string& function, std::vector<std::string> more = {}) {
    const std::string path = folder_.path() + "/event.json";
    std::ofstream(path) << event_;
    std::vector<std::string> words = {"invoke", function,     "--event",
                                      path,     "--endpoint", server_.url()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  LocalServer server_;
  TemporaryDirectory folder_;
  std::string event_ = R"({"Records":[{"body":"ada"}]})";
};

TEST_F(FunctionVerbs, InvokePrintsTheAnswerAndTheLog) {
  const Outcome outcome = invoke("echo");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith(R"({"Records":[{"messageId":)"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("body":"ada")"));
  EXPECT_THAT(outcome.err, StartsWith("START RequestId: "));
  EXPECT_THAT(outcome.err, HasSubstr("REPORT RequestId: "));
}

TEST_F(FunctionVerbs, InvokeEndsWithOneOnAFunctionError) {
  const Outcome outcome = invoke("fail");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr(R"("errorType":"Builtin.Fail")"));
  EXPECT_THAT(outcome.err, HasSubstr("[ERROR] Builtin.Fail"));
}

TEST_F(FunctionVerbs, InvokeAsJsonIsTheWholeAnswer) {
  const Outcome outcome = invoke("fail", {"--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr(R"("outcome":"failed")"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(FunctionVerbs, InvokeSaysWhatIsWrongWithTheEventOrTheName) {
  EXPECT_EQ(invoke("nosuch").exit_code, 3);
  event_ = R"({"Records":[{"body":1}]})";
  const Outcome outcome = invoke("echo");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("Records[0].body: expected a text"));
  EXPECT_EQ(run({"invoke", "echo", "--event", folder_.path() + "/none"}).exit_code, 1);
  EXPECT_EQ(run({"invoke", "echo"}).exit_code, 2);
  EXPECT_EQ(run({"invoke", "../echo", "--event", "-"}).exit_code, 2);
}

TEST_F(FunctionVerbs, FunctionsAreListedAndShown) {
  const Outcome list = run({"function", "ls", "--endpoint", server_.url()});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, StartsWith("FUNCTION  KIND     VERSION  RUNNING\n"));
  EXPECT_THAT(list.out, HasSubstr("echo      builtin  $LATEST      0/8\n"));
  const Outcome show = run({"function", "show", "echo", "--endpoint", server_.url()});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_THAT(show.out, HasSubstr("kind     builtin\n"));
  EXPECT_THAT(show.out, HasSubstr("headrace C++ 1.0"));
  EXPECT_EQ(run({"function", "show", "nosuch", "--endpoint", server_.url()}).exit_code, 3);
}

TEST_F(FunctionVerbs, VersionsAreListedTheNewestFirstAndRolledBack) {
  const Outcome versions = run({"function", "versions", "echo", "--endpoint", server_.url()});
  EXPECT_EQ(versions.exit_code, 0);
  EXPECT_THAT(versions.out, ContainsRegex("bbbb2222 +active[^\n]+\naaaa1111 +previous"));
  const Outcome none = run({"function", "versions", "fail", "--endpoint", server_.url()});
  EXPECT_EQ(none.exit_code, 0);
  const Outcome back =
      run({"function", "rollback", "echo", "--to", "aaaa", "--endpoint", server_.url()});
  EXPECT_EQ(back.exit_code, 0);
  EXPECT_EQ(back.out, "echo: version aaaa1111 serves\n");
  const Outcome unknown =
      run({"function", "rollback", "echo", "--to", "cccc", "--endpoint", server_.url()});
  EXPECT_EQ(unknown.exit_code, 3);
}

TEST_F(FunctionVerbs, DeployNeedsAServerOnThisDataDirectory) {
  const Outcome outcome = run({"deploy", "echo", "a.so", "--data", folder_.path()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no server with native functions answers at"));
  EXPECT_EQ(run({"deploy", "echo", "a.so", "--data", std::string(200, 'x')}).exit_code, 1);
  EXPECT_EQ(run({"deploy", "echo"}).exit_code, 2);
}

TEST(InitVerb, ProjectIsNamedThroughout) {
  EXPECT_EQ(fill_in("{{name}} is lib{{target}}.so of {{name}}", "greet-user"),
            "greet-user is libgreet_user.so of greet-user");
  for (const EmbeddedFile& file : cpp_project()) {
    EXPECT_THAT(fill_in(file.text, "x"), Not(HasSubstr("{{"))) << file.path;
  }
}

TEST(InitVerb, NamesThatLeadElsewhereAreRefused) {
  EXPECT_EQ(run({"init", "cpp", "../elsewhere"}).exit_code, 2);
  EXPECT_EQ(run({"init", "cpp", ""}).exit_code, 2);
  EXPECT_EQ(run({"init", "cpp", std::string(61, 'x')}).exit_code, 2);
  EXPECT_EQ(run({"init", "rust", "greet"}).exit_code, 2);
}

}  // namespace
}  // namespace headrace::runtime
