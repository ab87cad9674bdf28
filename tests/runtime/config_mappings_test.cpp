// What configuration says of event source mappings, beyond tests/runtime/config_test.cpp.
#include <gtest/gtest.h>

#include "runtime/config.hpp"
#include "runtime/filter_pattern.hpp"

namespace headrace::runtime {
namespace {

class ConfigMappings : public testing::Test {
 protected:
  // A mapping of the queue with these further lines, which begin in line 9.
  static ConfigOutcome read(const std::string& queue, const std::string& rest) {
    ConfigSource source;
    source.text = R"(version: 1
queues:
  signup:
  orders.fifo:
functions:
  audit: { kind: http, url: "http://a" }
mappings:
  - { queue: )" + queue +
                  ", function: audit,\n" + rest + " }\n";
    source.folder = "/srv/app";
    source.environment = [](const std::string&) { return std::nullopt; };
    return parse_config(source);
  }

  static std::string error_of(const ConfigOutcome& outcome) {
    if (outcome.errors.size() != 1) return std::to_string(outcome.errors.size()) + " errors";
    return to_string("f", outcome.errors.front());
  }

  static std::vector<std::string> filters_of(const ConfigOutcome& outcome) {
    if (!outcome.config) return {error_of(outcome)};
    return outcome.config->mappings.front().filters;
  }
};

TEST_F(ConfigMappings, FiltersAreYamlOrJsonText) {
  const ConfigOutcome outcome = read("signup", R"(filters: [
  { body: { plan: [gold, 5, "5", 1.5, true, "true", null, { prefix: si }] }, $or: [ { a: [1] }, { b: [2] } ] },
  '{"body":["hello"]}' ])");
  EXPECT_EQ(filters_of(outcome),
            (std::vector<std::string>{
                R"({"body":{"plan":["gold",5,"5",1.5,true,"true",null,{"prefix":"si"}]},)"
                R"("$or":[{"a":[1]},{"b":[2]}]})",
                R"({"body":["hello"]})"}));
}

TEST_F(ConfigMappings, AnInvalidFilterIsNamedWithItsPlace) {
  const std::string problem = "mappings[0].filters[0]: Invalid filter pattern definition.";
  for (const char* filter : {"'null'", "simple string", "{ eventSource: \"aws:sqs\" }",
                             "{ eventSource: [] }", "null", "[]", "{}"}) {
    const ConfigOutcome outcome = read("signup", std::string("filters: [ ") + filter + " ]");
    EXPECT_EQ(error_of(outcome), "f:9:12: " + problem) << filter;
  }
}

// A text where a boolean or a number was meant would filter everything out.
TEST_F(ConfigMappings, AFiltersBooleansAndNumbersAreThoseOfJson) {
  for (const char* value :
       {"True", "FALSE", "+5", ".5", "0x10", "007", "100000000000000000000000"}) {
    const ConfigOutcome outcome =
        read("signup", "filters: [ { body: { x: [" + std::string(value) + "] } } ]");
    EXPECT_NE(error_of(outcome).find("expected true, false or a number as JSON has them, or a text "
                                     "in quotes, got \"" +
                                     std::string(value) + "\""),
              std::string::npos)
        << error_of(outcome);
  }
  EXPECT_EQ(filters_of(read("signup", "filters: [ { body: { x: [true, -1.5e3, \"007\", a7] } } ]")),
            std::vector<std::string>{R"({"body":{"x":[true,-1.5e3,"007","a7"]}})"});
}

TEST_F(ConfigMappings, FiltersAreAListOfAtMostTen) {
  const std::string problem =
      "f:9:10: mappings[0].filters: expected a list of at most 10 filter patterns, got ";
  EXPECT_EQ(error_of(read("signup", "filters: { body: [a] }")), problem + "a mapping");
  std::string list = "filters: [ ";
  for (int i = 0; i < 10; ++i) list += "{ body: [a] }, ";
  EXPECT_EQ(filters_of(read("signup", list + "]")).size(), 10U);
  EXPECT_EQ(error_of(read("signup", list + "{ body: [a] } ]")), problem + "a list");
}

TEST_F(ConfigMappings, ScalingIsFastUnlessItIsAws) {
  EXPECT_EQ(read("signup", "").config->mappings[0].scaling, Scaling::kFast);
  EXPECT_EQ(read("signup", "scaling: fast").config->mappings[0].scaling, Scaling::kFast);
  EXPECT_EQ(read("signup", "scaling: aws").config->mappings[0].scaling, Scaling::kAws);
}

TEST_F(ConfigMappings, FifoQueuesAreMappedInBatchesOfTenWithoutAWindow) {
  EXPECT_TRUE(read("orders.fifo", "batch_size: 10").config);
  EXPECT_EQ(error_of(read("orders.fifo", "batch_size: 11")),
            "f:9:13: mappings[0].batch_size: expected at most 10 for a FIFO queue, got 11");
  EXPECT_EQ(
      error_of(read("orders.fifo", "batching_window: 1s")),
      "f:9:18: mappings[0].batching_window: Batching window is not supported for FIFO queues");
}

}  // namespace
}  // namespace headrace::runtime
