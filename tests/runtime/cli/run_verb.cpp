#include "tests/runtime/cli/run_verb.hpp"

#include <gtest/gtest.h>

namespace headrace::runtime {

Outcome run(std::vector<std::string> words, const ServeFunction& serve) {
  words.insert(words.begin(), "headrace");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.exit_code = run_command_line(static_cast<int>(arguments.size()), arguments.data(), serve);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

}  // namespace headrace::runtime
