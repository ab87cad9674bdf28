#include "runtime/config_functions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

ConfigOutcome parse_function(const std::string& function) {
  ConfigSource source;
  source.text = "version: 1\nfunctions:\n  f: " + function + "\n";
  source.folder = "/srv/app";
  source.environment = [](const std::string&) { return std::nullopt; };
  return parse_config(source);
}

std::string error_of(const std::string& function) {
  const ConfigOutcome outcome = parse_function(function);
  return outcome.errors.size() == 1 ? to_string("f", outcome.errors.front()) : "not one error";
}

TEST(ConfigProcessFunction, HasRuntimeCodeAndHandler) {
  const ConfigOutcome outcome = parse_function(
      "{ kind: process, runtime: python3.11, code: ./answer, handler: app.handler, memory: 512MiB, "
      "workers: { min: 2 }, environment: { LEVEL: info } }");
  ASSERT_TRUE(outcome.config) << to_string("f", outcome.errors.front());
  const FunctionConfig& function = outcome.config->functions.front();
  EXPECT_EQ(function.kind, FunctionKind::kProcess);
  EXPECT_EQ(function.runtime, "python3.11");
  EXPECT_EQ(function.code, "/srv/app/answer");
  EXPECT_EQ(function.handler, "app.handler");
  EXPECT_EQ(function.memory_bytes, 536'870'912);
  EXPECT_EQ(function.workers.min, 2);
  EXPECT_THAT(function.environment, ElementsAre(testing::Pair("LEVEL", "info")));
}

TEST(ConfigProcessFunction, CustomRuntimeNeedsNoHandler) {
  const ConfigOutcome outcome =
      parse_function("{ kind: process, runtime: provided.al2023, code: /opt/custom }");
  ASSERT_TRUE(outcome.config) << to_string("f", outcome.errors.front());
  const FunctionConfig& function = outcome.config->functions.front();
  EXPECT_EQ(function.runtime, "provided.al2023");
  EXPECT_EQ(function.code, "/opt/custom");
  EXPECT_EQ(function.handler, "");
}

TEST(ConfigProcessFunction, ErrorsNamePlaceKeyAndExpectation) {
  const std::string runtimes =
      "f:3:32: functions.f.runtime: expected nodejs20.x or another nodejs, python3.11 or another "
      "python3, or provided, got ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{ kind: process, runtime: nodejs20.x, handler: a.b }",
       "f:3:6: functions.f: expected the key code"},
      {"{ kind: process, code: ., handler: a.b }", "f:3:6: functions.f: expected the key runtime"},
      {"{ kind: process, runtime: nodejs20.x, code: . }",
       "f:3:6: functions.f: expected the key handler"},
      {"{ kind: process, runtime: ruby3.3, code: ., handler: a.b }", runtimes + "\"ruby3.3\""},
      {"{ kind: process, runtime: python3./a, code: ., handler: a.b }", runtimes},
      {"{ kind: process, runtime: provided, code: ., handler: a b }",
       "f:3:60: functions.f.handler: expected a handler such as index.handler"},
      {"{ kind: process, runtime: provided, code: ., url: b }",
       "f:3:51: functions.f.url: is not a known key"}};
  for (const auto& [function, error] : cases) {
    EXPECT_THAT(error_of(function), StartsWith(error)) << function;
  }
}

}  // namespace
}  // namespace headrace::runtime
