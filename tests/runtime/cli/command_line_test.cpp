#include "runtime/cli/command_line.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/cli/local_server.hpp"
#include "tests/runtime/cli/run_verb.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class CommandLineFile : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = folder_.path() + "/headrace.yaml";
    std::ofstream(path) << text;
    return path;
  }

  TemporaryDirectory folder_;
};

TEST(CommandLine, VersionIsTheOneOfTheBuild) {
  const Outcome outcome = run({"version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "headrace " HEADRACE_VERSION "\n");
}

TEST_F(CommandLineFile, JournalVerbsWantADataDirectoryAndMakeNone) {
  const std::string nowhere = folder_.path() + "/nowhere";
  for (const char* verb : {"verify", "dump", "repair"}) {
    const Outcome outcome = run({"journal", verb, nowhere});
    EXPECT_EQ(outcome.exit_code, 1) << verb;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("nowhere"));
  }
  EXPECT_EQ(run({"journal"}).exit_code, 2);
}

TEST(CommandLine, VersionIsAlsoAFlag) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "headrace " HEADRACE_VERSION "\n");
}

TEST(CommandLine, AnUnknownVerbIsNamedWithTheOneThatWasMeant) {
  EXPECT_THAT(run({"sned", "q", "x"}).err,
              StartsWith("headrace: no verb 'sned'; did you mean send?\n"));
  EXPECT_THAT(run({"queue", "lss"}).err, StartsWith("headrace: no verb 'lss'; did you mean ls?\n"));
  EXPECT_THAT(run({"--endpoint", "http://a", "fly"}).err, StartsWith("headrace: no verb 'fly'\n"));
  EXPECT_THAT(run({}).err, HasSubstr("subcommand is required"));
}

TEST(CommandLine, WrongUsageEndsWithTwoAndKeepsStdoutClean) {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"fly"},
                                                       {"send"},
                                                       {"send", "q", "b", "--colour"},
                                                       {"queue"},
                                                       {"queue", "set", "q"},
                                                       {"queue", "set", "q", "novalue"},
                                                       {"serve", "--listen", "nowhere"},
                                                       {"serve", "--durability", "fsync"},
                                                       {"check"},
                                                       {"send", "q", "b", "--account", "1"}};
  for (const auto& words : wrong) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, kUsage) << testing::PrintToString(words);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, Not(IsEmpty()));
  }
}

TEST(CommandLine, HelpOfEachVerbEndsWithAnExample) {
  const std::vector<std::vector<std::string>> verbs = {{"serve"},
                                                       {"demo"},
                                                       {"check"},
                                                       {"status"},
                                                       {"send"},
                                                       {"receive"},
                                                       {"peek"},
                                                       {"purge"},
                                                       {"queue"},
                                                       {"queue", "ls"},
                                                       {"queue", "create"},
                                                       {"queue", "delete"},
                                                       {"queue", "show"},
                                                       {"queue", "set"},
                                                       {"explain"},
                                                       {"dlq"},
                                                       {"dlq", "peek"},
                                                       {"dlq", "redrive"},
                                                       {"logs"},
                                                       {"invoke"},
                                                       {"deploy"},
                                                       {"init"},
                                                       {"init", "cpp"},
                                                       {"function"},
                                                       {"function", "ls"},
                                                       {"function", "show"},
                                                       {"function", "versions"},
                                                       {"function", "rollback"},
                                                       {"health"},
                                                       {"env"},
                                                       {"version"}};
  for (auto words : verbs) {
    std::string name = "  headrace";
    for (const std::string& word : words) name += " " + word;
    words.push_back("--help");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 0);
    const std::string example = outcome.out.substr(outcome.out.find("Example:\n"));
    EXPECT_THAT(example, StartsWith("Example:\n" + name));
  }
}

TEST(CommandLine, NoServerIsAFailureNotARefusal) {
  // Port 1 of the loopback has no listener.
  const Outcome outcome = run({"status", "--endpoint", "http://127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("headrace: no answer from http://127.0.0.1:1: "));
}

TEST_F(CommandLineFile, CheckSaysOkAndCounts) {
  std::ofstream(folder_.path() + "/f.so") << "an artifact";
  const std::string file =
      write("version: 1\nqueues: { q: {} }\nfunctions: { f: { kind: native, artifact: f.so } }\n");
  const Outcome outcome = run({"check", "--config", file});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "ok: 1 queue, 1 function, 0 mappings\n");
}

TEST(CommandLine, CheckAcceptsTheConfigurationOfTheImage) {
  const Outcome outcome = run({"check", "--config", HEADRACE_SOURCE_DIR "/config/docker.yaml"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(CommandLineFile, CheckFailsWhenAnArtifactIsMissing) {
  const std::string file =
      write("version: 1\nfunctions: { f: { kind: native, artifact: missing.so } }\n");
  const Outcome outcome = run({"check", "--config", file});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("functions.f.artifact: cannot be read"));
}

TEST_F(CommandLineFile, CheckFailsForTheAddressOfAMetadataService) {
  const std::string file = write(
      "version: 1\nfunctions: { f: { kind: http, url: \"http://[::ffff:169.254.169.254]/\" } }\n");
  EXPECT_EQ(run({"check", "--config", file}).exit_code, kFailed);
}

TEST_F(CommandLineFile, CheckPrintsEveryErrorWithItsPlace) {
  const std::string file = write("version: 1\nserver: { listen: x }\nqueues: { q: { a: 1 } }\n");
  const Outcome outcome = run({"check", "--config", file});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr(file + ":2:19: server.listen: expected ADDRESS:PORT"));
  EXPECT_THAT(outcome.err, HasSubstr(file + ":3:16: queues.q.a: is not a known key\n"));
}

TEST_F(CommandLineFile, FlagsOfServeOverrideTheFile) {
  const std::string file =
      write("version: 1\nserver: { region: eu-west-1 }\nstore: { path: data, durability: os }\n");
  Config config;
  const auto serve = [&config](const ServeOptions& options) {
    config = options.config;
    return 0;
  };
  const Outcome outcome = run({"serve", "--config", file, "--listen", "127.0.0.1:0", "--data",
                               "/tmp/elsewhere", "--durability", "memory"},
                              serve);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(config.server.port, 0);
  EXPECT_EQ(config.server.region, "eu-west-1");
  EXPECT_EQ(config.store.path, "/tmp/elsewhere");
  EXPECT_EQ(config.store.durability, Durability::kMemory);
}

TEST_F(CommandLineFile, CheckRefusesAServerThatIsOpenToOtherMachines) {
  const std::string file = write("version: 1\nserver: { listen: \"0.0.0.0:4566\" }\n");
  const Outcome open = run({"check", "--config", file});
  EXPECT_EQ(open.exit_code, kFailed);
  EXPECT_THAT(open.err, HasSubstr("server.listen: 0.0.0.0 is reachable from other machines"));
  write("version: 1\nserver: { listen: \"0.0.0.0:4566\", insecure_allow_remote: true }\n");
  EXPECT_EQ(run({"check", "--config", file}).exit_code, kDone);
}

TEST_F(CommandLineFile, CheckNeedsUsersWhereSignaturesAreRequired) {
  const std::string file = write("version: 1\nserver: { auth: required }\n");
  const Outcome outcome = run({"check", "--config", file});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_THAT(outcome.err, HasSubstr("server.auth: nobody could sign"));
}

TEST_F(CommandLineFile, ServeStartsNothingOnAWrongFile) {
  bool called = false;
  const auto serve = [&called](const ServeOptions&) {
    called = true;
    return 0;
  };
  EXPECT_EQ(run({"serve", "--config", write("version: 3\n")}, serve).exit_code, kFailed);
  EXPECT_FALSE(called);
}

TEST(CommandLine, DemoKeepsNothingAndSaysWhatToTry) {
  const auto serve = [](const ServeOptions& options) {
    EXPECT_EQ(options.config.store.durability, Durability::kMemory);
    EXPECT_EQ(options.config.server.port, 0);
    EXPECT_EQ(options.config.queues.size(), 2U);
    options.on_ready("http://127.0.0.1:5000");
    return 0;
  };
  const Outcome outcome = run({"demo"}, serve);
  EXPECT_THAT(outcome.out, HasSubstr("headrace send --endpoint http://127.0.0.1:5000 signup"));
}

class Verbs : public testing::Test {
 protected:
  Outcome at(std::vector<std::string> words) {
    words.insert(words.end(), {"--endpoint", server_.url()});
    return run(std::move(words));
  }

  LocalServer server_;
};

TEST_F(Verbs, ExplainTellsWhereAMessageIs) {
  at({"queue", "create", "signup"});
  const std::string id = at({"send", "signup", "hello"}).out.substr(0, 36);
  const Outcome explained = at({"explain", id});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_THAT(explained.out, StartsWith("message " + id + "\n"));
  EXPECT_THAT(explained.out, HasSubstr("  sent to signup\n"));
  EXPECT_THAT(explained.out, HasSubstr("  signup, visible, 0 receives\n"));
  EXPECT_THAT(explained.err, HasSubstr("no history is kept"));
  EXPECT_THAT(at({"explain", id, "--json"}).out, HasSubstr(R"("now":{"state":"visible")"));
  at({"purge", "signup"});
  EXPECT_THAT(at({"explain", id}).out, HasSubstr("in no queue: deleted by a consumer"));
  EXPECT_EQ(at({"explain", "0"}).exit_code, kRefused);
  EXPECT_EQ(run({"explain", "a&b"}).exit_code, kUsage);
}

TEST_F(Verbs, AMessageIsSentReceivedAndDeleted) {
  EXPECT_EQ(at({"queue", "create", "signup"}).out, server_.url() + "/000000000000/signup\n");
  const Outcome sent = at(
      {"send", "signup", R"({"username":"ada","tags":[1,2]})", "--attribute", "source=web=form"});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_THAT(sent.out, MatchesRegex("[0-9a-f-]{36}\n"));

  EXPECT_THAT(at({"peek", "signup"}).out, HasSubstr(R"({"username":"ada","tags":[1,2]})"));
  const Outcome received = at({"receive", "signup", "--max", "10", "--delete"});
  EXPECT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out, sent.out.substr(0, 36) + "  receive 1\n  " +
                              R"({"username":"ada","tags":[1,2]})" + "\n");
  EXPECT_THAT(at({"status", "--json"}).out, HasSubstr(R"("visible":0,"in_flight":0)"));
}

TEST_F(Verbs, StatusIsATable) {
  at({"queue", "create", "signup"});
  at({"send", "signup", "x"});
  EXPECT_THAT(at({"status"}).out, StartsWith("QUEUE   VISIBLE  IN FLIGHT  DELAYED"));
  EXPECT_THAT(at({"status"}).out, HasSubstr("\nsignup        1"));
}

TEST_F(Verbs, QueuesAreListedChangedShownAndDeleted) {
  at({"queue", "create", "b"});
  at({"queue", "create", "a", "--attribute", "DelaySeconds=3"});
  EXPECT_EQ(at({"queue", "ls"}).out, "a\nb\n");
  EXPECT_EQ(at({"queue", "ls", "--prefix", "b"}).out, "b\n");
  EXPECT_EQ(at({"queue", "set", "a", "VisibilityTimeout=7", "DelaySeconds=4"}).exit_code, 0);
  const std::string shown = at({"queue", "show", "a"}).out;
  EXPECT_THAT(shown, testing::ContainsRegex("VisibilityTimeout +7\n"));
  EXPECT_THAT(shown, testing::ContainsRegex("DelaySeconds +4\n"));
  EXPECT_EQ(at({"queue", "delete", "a"}).exit_code, 0);
  EXPECT_EQ(at({"queue", "ls"}).out, "b\n");
}

TEST_F(Verbs, HealthIsTheServersOwnWord) {
  EXPECT_EQ(at({"health"}).out, "ok\n");
  EXPECT_EQ(run({"health", "--endpoint", "http://127.0.0.1:1"}).exit_code, kFailed);
}

TEST_F(Verbs, ARefusalEndsWithThreeAndSaysWhy) {
  const Outcome outcome = at({"send", "lost", "x"});
  EXPECT_EQ(outcome.exit_code, kRefused);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err, "headrace: refused: The specified queue does not exist.\n");
  EXPECT_EQ(at({"peek", "lost"}).exit_code, kRefused);
  EXPECT_EQ(at({"queue", "create", "q", "--attribute", "DelaySeconds=901"}).exit_code, kRefused);
}

TEST_F(Verbs, RedriveTakesMessagesToTheQueueNamed) {
  at({"queue", "create", "a"});
  at({"queue", "create", "b"});
  at({"send", "a", "x"});
  EXPECT_EQ(at({"dlq", "redrive", "a", "--to", "b", "--dry-run"}).out,
            "1 message would move to b\n");
  EXPECT_EQ(at({"dlq", "redrive", "a", "--to", "b"}).out, "1 message moved to b\n");
  EXPECT_THAT(at({"dlq", "peek", "b"}).out,
              HasSubstr("0 receives\n  body   x\n  error  not known"));
  EXPECT_EQ(at({"purge", "b"}).exit_code, 0);
  EXPECT_EQ(at({"peek", "b"}).err, "no messages\n");
}

TEST_F(Verbs, ARegionHasQueuesOfItsOwn) {
  at({"queue", "create", "here"});
  at({"queue", "create", "there", "--region", "eu-west-1"});
  EXPECT_EQ(at({"queue", "ls"}).out, "here\n");
  EXPECT_EQ(at({"queue", "ls", "--region", "eu-west-1"}).out, "there\n");
  EXPECT_THAT(at({"status", "--region", "eu-west-1"}).out, HasSubstr("there"));
  at({"send", "there", "x", "--region", "eu-west-1"});
  EXPECT_THAT(at({"peek", "there", "--region", "eu-west-1"}).out, HasSubstr("visible"));
}

TEST_F(Verbs, ARegionNamedIsNotLeftForTheServersOwn) {
  at({"queue", "create", "here"});
  const std::vector<std::vector<std::string>> reaching = {
      {"send", "here", "x"},       {"receive", "here"},
      {"purge", "here"},           {"queue", "show", "here"},
      {"queue", "delete", "here"}, {"queue", "set", "here", "DelaySeconds=1"}};
  for (std::vector<std::string> words : reaching) {
    words.insert(words.end(), {"--region", "eu-west-1"});
    const Outcome outcome = at(words);
    EXPECT_EQ(outcome.exit_code, kRefused) << words[0];
    EXPECT_THAT(outcome.err, HasSubstr("The specified queue does not exist."));
  }
}

TEST_F(Verbs, AQueueIsPeekedByItsUrl) {
  at({"queue", "create", "signup"});
  at({"send", "signup", "hello"});
  EXPECT_THAT(at({"peek", server_.url() + "/000000000000/signup"}).out, HasSubstr("hello"));
}

TEST_F(Verbs, LogsOfAnUnknownFunctionAreRefused) {
  const Outcome outcome = at({"logs", "nosuch"});
  EXPECT_EQ(outcome.exit_code, kRefused);
  EXPECT_EQ(outcome.err, "headrace: refused: There is no function of this name.\n");
}

TEST_F(Verbs, RedriveOfAnOrdinaryQueueSaysThatItIsOne) {
  at({"queue", "create", "signup"});
  const Outcome outcome = at({"dlq", "redrive", "signup"});
  EXPECT_EQ(outcome.exit_code, kRefused);
  EXPECT_THAT(outcome.err, HasSubstr("signup is no queue's dead-letter queue"));
}

TEST_F(Verbs, LogsShowTheLinesOfAFunction) {
  EXPECT_THAT(at({"logs", "welcome-email"}).out,
              MatchesRegex("[0-9:.]{12}  welcome-email  mail for ada\n"));
  EXPECT_EQ(at({"logs", "audit"}).out, "");
  EXPECT_THAT(at({"logs", "--json"}).out, HasSubstr(R"("text":"mail for ada")"));
}

TEST_F(Verbs, TheEndpointMayComeFromTheEnvironment) {
  at({"queue", "create", "signup"});
  setenv("HEADRACE_ENDPOINT", server_.url().c_str(), 1);
  const Outcome outcome = run({"queue", "ls"});
  unsetenv("HEADRACE_ENDPOINT");
  EXPECT_EQ(outcome.out, "signup\n");
}

}  // namespace
}  // namespace headrace::runtime
