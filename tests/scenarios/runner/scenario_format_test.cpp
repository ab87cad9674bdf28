// The format itself: what is refused, and what a failure tells.

#include <gtest/gtest.h>

#include "tests/scenarios/runner/expectation.hpp"
#include "tests/scenarios/runner/player.hpp"
#include "tests/scenarios/runner/virtual_stage.hpp"

namespace headrace::scenarios {
namespace {

constexpr const char* kHead = "title: t\nsource: s\nsteps:\n";

std::string refusal(const std::string& text) {
  const auto scenario = parse_scenario("a.yaml", text);
  return scenario ? "" : scenario.error().message;
}

std::string played(const std::string& steps) {
  const auto scenario = parse_scenario("a.yaml", kHead + steps);
  if (!scenario) return scenario.error().message;
  VirtualStage stage(*scenario);
  return Player(*scenario, kJsonForm, stage).play();
}

// What differs between a value of a scenario and an answer.
std::string difference(const std::string& expected, const std::string& answer) {
  const std::string steps = "  - ListQueues: {}\n    expect: " + expected + "\n";
  const auto scenario = parse_scenario("a.yaml", kHead + steps);
  EXPECT_TRUE(scenario.has_value());
  const auto document = JsonDocument::parse(answer);
  EXPECT_TRUE(document.has_value());
  Variables variables;
  variables.set("saved", "text");
  return mismatch(*scenario->steps.front().expect, document->root(), variables).value_or("");
}

TEST(ScenarioFormat, UnknownKeysAreRefusedWithFileAndLine) {
  EXPECT_NE(refusal("title: t\nsource: s\nsteps: []\noops: 1\n").find("a.yaml:4:"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(kHead) + "  - ListQueues: {}\n    exepct: {}\n").find("a.yaml:5:"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(kHead) + "  - pause: 5s\n").find("a.yaml:4:"), std::string::npos);
}

TEST(ScenarioFormat, TimesHaveUnits) {
  EXPECT_NE(refusal(std::string(kHead) + "  - wait: 5\n"), "");
  EXPECT_EQ(refusal(std::string(kHead) + "  - wait: 5m\n"), "");
}

TEST(ScenarioFormat, AFailureTellsTheStepTheDifferenceAndTheAnswersBefore) {
  const std::string report = played(
      "  - CreateQueue: {QueueName: q}\n"
      "  - SendMessage: {QueueUrl: q, MessageBody: a}\n"
      "  - ReceiveMessage: {QueueUrl: q}\n"
      "    expect: {Messages: [{Body: b}]}\n");
  EXPECT_NE(report.find("a.yaml:6: t\n  step 3, ReceiveMessage\n"), std::string::npos) << report;
  EXPECT_NE(report.find("Messages.0.Body: expected \"b\", got \"a\""), std::string::npos) << report;
  EXPECT_NE(report.find("line 4 CreateQueue: 200 "), std::string::npos) << report;
}

TEST(ScenarioFormat, AnErrorThatIsNotExpectedFailsAndSoDoesOneThatDoesNotCome) {
  EXPECT_NE(played("  - DeleteQueue: {QueueUrl: q}\n"), "");
  EXPECT_NE(played("  - ListQueues: {}\n    error: {status: 400}\n"), "");
  EXPECT_EQ(played("  - DeleteQueue: {QueueUrl: q}\n    error: {type: QueueDoesNotExist}\n"), "");
  EXPECT_NE(played("  - DeleteQueue: {QueueUrl: q}\n    error: {type: InvalidAddress}\n"), "");
}

TEST(ScenarioFormat, AnAnswerComesWhenTheScenarioSays) {
  const std::string create = "  - CreateQueue: {QueueName: q}\n";
  const std::string poll = "  - ReceiveMessage: {QueueUrl: q, WaitTimeSeconds: 2}\n";
  EXPECT_EQ(played(create + poll + "    takes: 2s\n"), "");
  EXPECT_NE(played(create + poll), "");
  EXPECT_NE(played(create + poll + "    takes: 1s\n"), "");
  EXPECT_NE(played(create + poll + "    takes: 3s\n"), "");
}

TEST(ScenarioFormat, OnlyWhatWasSavedIsUsed) {
  EXPECT_NE(played("  - CreateQueue: {QueueName: $name}\n"), "");
  EXPECT_NE(played("  - ListQueues: {}\n    save: {url: QueueUrl}\n"), "");
}

TEST(ScenarioExpectation, NamedMembersMatchAndListsHaveTheirLength) {
  EXPECT_EQ(difference("{a: x}", R"({"a":"x","b":1})"), "");
  EXPECT_EQ(difference("{a: $saved}", R"({"a":"text"})"), "");
  EXPECT_EQ(difference("{a: x}", R"({"b":1})"), "a: expected \"x\", got nothing");
  EXPECT_NE(difference("{a: [x]}", R"({"a":["x","y"]})"), "");
  EXPECT_NE(difference("{a: [y, x]}", R"({"a":["x","y"]})"), "");
  EXPECT_NE(difference("{a: []}", "{}"), "");
}

TEST(ScenarioExpectation, NumbersAreNoTexts) {
  EXPECT_EQ(difference("{a: 1, b: \"1\"}", R"({"a":1,"b":"1"})"), "");
  EXPECT_NE(difference("{a: 1}", R"({"a":"1"})"), "");
  EXPECT_NE(difference("{a: \"1\"}", R"({"a":1})"), "");
}

TEST(ScenarioExpectation, MatchersMatchWhatTheirNamesSay) {
  EXPECT_EQ(difference("{a: any, b: absent}", R"({"a":1})"), "");
  EXPECT_NE(difference("{b: any}", "{}"), "");
  EXPECT_NE(difference("{a: absent}", R"({"a":1})"), "");
  EXPECT_EQ(difference("{a: {matches: 'x+'}}", R"({"a":"xx"})"), "");
  EXPECT_NE(difference("{a: {matches: 'x+'}}", R"({"a":"xy"})"), "");
  EXPECT_EQ(difference("{a: {json: {b: 1}}}", R"({"a":"{\"b\":1}"})"), "");
  EXPECT_NE(difference("{a: {json: {b: 1}}}", R"({"a":"{\"b\":2}"})"), "");
  EXPECT_EQ(difference("{a: {keys: [x, y]}}", R"({"a":{"y":1,"x":2}})"), "");
  EXPECT_NE(difference("{a: {keys: [x]}}", R"({"a":{"y":1,"x":2}})"), "");
  EXPECT_EQ(difference("{a: {count: 2}}", R"({"a":[1,2]})"), "");
  EXPECT_NE(difference("{a: {count: 2}}", R"({"a":[1]})"), "");
  EXPECT_EQ(difference("{a: {not: $saved}}", R"({"a":"other"})"), "");
  EXPECT_NE(difference("{a: {not: $saved}}", R"({"a":"text"})"), "");
  EXPECT_NE(difference("{a: {not: $saved}}", "{}"), "");
  EXPECT_EQ(difference("{a: {above: 9}}", R"({"a":"10"})"), "");
  EXPECT_NE(difference("{a: {above: 10}}", R"({"a":"010"})"), "");
  EXPECT_EQ(difference("{a: {any_order: [x, y]}}", R"({"a":["y","x"]})"), "");
  EXPECT_NE(difference("{a: {any_order: [x, x]}}", R"({"a":["y","x"]})"), "");
}

}  // namespace
}  // namespace headrace::scenarios
