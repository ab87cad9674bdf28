// Every tests/scenarios/*.yaml, played three times: on virtual time in this process, in each of the
// two protocols, and over the wire against the program.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/scenarios/runner/player.hpp"
#include "tests/scenarios/runner/virtual_stage.hpp"
#include "tests/scenarios/runner/wire_stage.hpp"

namespace headrace::scenarios {
namespace {

const std::filesystem::path kFolder = HEADRACE_SCENARIOS;

std::vector<std::string> all_scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Scenario> load(const std::string& name) { return load_scenario(kFolder / (name + ".yaml")); }

// One that cannot be read fails on virtual time.
std::vector<std::string> wire_scenarios() {
  std::vector<std::string> names = all_scenarios();
  std::erase_if(names, [](const std::string& name) {
    const auto scenario = load(name);
    return !scenario || !scenario->virtual_only.empty();
  });
  return names;
}

template <class PlayedOn>
void play(const std::string& name, const WireForm& form) {
  const auto scenario = load(name);
  ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
  if (!scenario->virtual_only.empty()) {
    std::cout << name << " is played on virtual time only: " << scenario->virtual_only << "\n";
  }
  PlayedOn stage(*scenario);
  const std::string failure = Player(*scenario, form, stage).play();
  EXPECT_TRUE(failure.empty()) << failure;
}

class VirtualScenario : public ::testing::TestWithParam<std::string> {};
TEST_P(VirtualScenario, GoesAsWritten) { play<VirtualStage>(GetParam(), kJsonForm); }

class QueryScenario : public ::testing::TestWithParam<std::string> {};
TEST_P(QueryScenario, GoesAsWritten) { play<VirtualStage>(GetParam(), kQueryForm); }

class WireScenario : public ::testing::TestWithParam<std::string> {};
TEST_P(WireScenario, GoesAsWritten) { play<WireStage>(GetParam(), kJsonForm); }

std::string name_of(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

INSTANTIATE_TEST_SUITE_P(, VirtualScenario, ::testing::ValuesIn(all_scenarios()), name_of);
INSTANTIATE_TEST_SUITE_P(, QueryScenario, ::testing::ValuesIn(all_scenarios()), name_of);
INSTANTIATE_TEST_SUITE_P(, WireScenario, ::testing::ValuesIn(wire_scenarios()), name_of);

}  // namespace
}  // namespace headrace::scenarios
