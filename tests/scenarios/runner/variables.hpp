// Variables: what a scenario has saved of answers, and the texts that use it.
//
//   $name ${name}   what was saved
//   ${a * 1024}     the text a, 1,024 times
//   $$              a dollar sign
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "tests/scenarios/runner/scenario.hpp"

namespace headrace::scenarios {

class Variables {
 public:
  void set(const std::string& name, std::string value) { values_[name] = std::move(value); }

  // Fails when a variable has no value or a ${ is not closed.
  Result<std::string> expand(std::string_view text) const;

 private:
  Result<std::string> value_of(std::string_view expression) const;

  std::map<std::string, std::string, std::less<>> values_;
};

// True for text that stands for a number or a boolean: unquoted, and only that.
bool is_integer(const Node& node);
bool is_boolean(const Node& node);

// The node as JSON: plain 5 and true are a number and a boolean, "5" is a text.
Result<std::string> to_json(const Node& node, const Variables& variables);

}  // namespace headrace::scenarios
