// Scenario: a short story of client calls, read from a YAML file (tests/scenarios/README.md has the
// format). It names actions and members only, never how they look on the wire.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "queue/cooldowns.hpp"
#include "runtime/config_tree.hpp"

namespace headrace::scenarios {

// A value of the file, with its line.
using Node = runtime::ConfigNode;

struct Step {
  enum class Kind {
    kCall,     // sends a call and, unless it is for later, judges its answer
    kAnswer,   // judges the answer of a call that was for later
    kWait,     // lets time pass
    kRestart,  // ends the server as an operator would, and starts it on the same data
  };

  Kind kind = Kind::kCall;
  int line = 0;
  std::string action;    // kCall
  Node arguments;        // kCall
  std::string name;      // kAnswer, and of a call for later: which call; else empty
  Duration duration{0};  // kWait: how long; kCall, kAnswer: how long the answer must take
  int times = 1;         // kCall
  std::optional<Node> expect;
  std::optional<Node> error;
  std::vector<std::pair<std::string, std::string>> save;  // variable, path in the answer
};

struct Scenario {
  std::string file;  // as it was opened
  std::string title;
  std::string source;        // where the rule is written
  std::string virtual_only;  // why it is not played in real time; empty when it is
  queue::Cooldowns cooldowns;
  std::vector<Step> steps;

  bool restarts() const;
};

// Fails with one line per problem, each with file, line and key.
Result<Scenario> parse_scenario(const std::string& file, const std::string& text);
Result<Scenario> load_scenario(const std::string& file);

}  // namespace headrace::scenarios
