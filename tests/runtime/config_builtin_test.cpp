#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.hpp"

namespace headrace::runtime {
namespace {

using testing::ElementsAre;

ConfigOutcome parse_builtin(const std::string& function, const std::string& rest = {}) {
  ConfigSource source;
  source.text = "version: 1\nqueues: { in: {}, out: {} }\nfunctions:\n  f: { kind: builtin, " +
                function + " }\n" + rest;
  return parse_config(source);
}

std::string only_error(const ConfigOutcome& outcome) {
  return outcome.errors.size() == 1 ? to_string("f", outcome.errors.front()) : "no single error";
}

TEST(ConfigBuiltin, EachKindIsRead) {
  EXPECT_EQ(parse_builtin("builtin: echo").config->functions[0].builtin.kind, BuiltinKind::kEcho);
  EXPECT_EQ(parse_builtin("builtin: fail").config->functions[0].builtin.kind, BuiltinKind::kFail);
  const auto sleep = parse_builtin("builtin: sleep, duration: 2s, timeout: 5s");
  EXPECT_EQ(sleep.config->functions[0].kind, FunctionKind::kBuiltin);
  EXPECT_EQ(sleep.config->functions[0].builtin.kind, BuiltinKind::kSleep);
  EXPECT_EQ(sleep.config->functions[0].builtin.duration, std::chrono::seconds(2));
  const auto forward = parse_builtin("builtin: forward, queue: out, workers: { max: 2 }");
  EXPECT_EQ(forward.config->functions[0].builtin.kind, BuiltinKind::kForward);
  EXPECT_EQ(forward.config->functions[0].builtin.queue, "out");
  EXPECT_EQ(forward.config->functions[0].workers.max, 2);
}

TEST(ConfigBuiltin, WhatIsMissingOrDoesNotBelongIsAnError) {
  EXPECT_EQ(only_error(parse_builtin("timeout: 1s")),
            "f:4:6: functions.f: expected the key builtin");
  EXPECT_EQ(only_error(parse_builtin("builtin: shout, duration: 1s")),
            "f:4:32: functions.f.builtin: expected echo | fail | sleep | forward, got \"shout\"");
  EXPECT_EQ(only_error(parse_builtin("builtin: sleep")),
            "f:4:6: functions.f: expected the key duration");
  EXPECT_EQ(only_error(parse_builtin("builtin: forward")),
            "f:4:6: functions.f: expected the key queue");
  EXPECT_EQ(only_error(parse_builtin("builtin: echo, queue: out")),
            "f:4:38: functions.f.queue: is not a known key");
  EXPECT_EQ(only_error(parse_builtin("builtin: echo, artifact: a.so")),
            "f:4:38: functions.f.artifact: is not a known key");
}

TEST(ConfigBuiltin, ForwardNamesAQueueOfTheFileAndNotItsOwn) {
  EXPECT_EQ(only_error(parse_builtin("builtin: forward, queue: nosuch")),
            "f:4:48: functions.f.queue: expected a queue of this file, got \"nosuch\"");
  EXPECT_EQ(only_error(parse_builtin("builtin: forward, queue: in",
                                     "mappings:\n  - { queue: in, function: f }\n")),
            "f:6:28: mappings[0].function: would forward the messages of this queue to itself");
}

}  // namespace
}  // namespace headrace::runtime
