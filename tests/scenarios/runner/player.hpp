// Plays a scenario on a stage, step by step, until one is not as it should be.
#pragma once

#include <map>
#include <string>

#include "tests/scenarios/runner/scenario.hpp"
#include "tests/scenarios/runner/stage.hpp"
#include "tests/scenarios/runner/variables.hpp"

namespace headrace::scenarios {

class Player {
 public:
  // All outlive the player.
  Player(const Scenario& scenario, const WireForm& form, Stage& stage)
      : scenario_(scenario), form_(form), stage_(stage) {}

  // Empty when all went as told; else the step that did not, what it was to be and what it was, and
  // the answers before it.
  std::string play();

 private:
  Status play_step(const Step& step);
  Status play_call(const Step& step);
  Status play_answer(const Step& step);
  // Compares an answer with what the step says of it.
  Status judge(const Step& step, const Answer& answer) const;
  Status save(const Step& step, const Answer& answer);
  std::string report(const Step& step, const Error& error) const;

  const Scenario& scenario_;
  const WireForm& form_;
  Stage& stage_;
  Variables variables_;
  std::map<std::string, std::string> unanswered_;  // calls by their names, and their actions
  std::map<int, std::string> answers_;  // of each step, by its line; the last of a repeated one
};

}  // namespace headrace::scenarios
