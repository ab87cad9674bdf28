#include "runtime/filter_pattern.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/filter_questions.hpp"

namespace headrace::runtime {
namespace {

TEST(FilterPattern, ValuesAreEqualInTypeAndCase) {
  expect_all({
      {R"(["Alice"])", R"({"x":"Alice"})", kMatch},
      {R"(["Alice"])", R"({"x":"alice"})", kNoMatch},
      {R"(["Alice"])", R"({"X":"Alice"})", kNoMatch},
      {R"(["Alice"])", R"({})", kNoMatch},
      {R"([300])", R"({"x":300})", kMatch},
      {R"([300])", R"({"x":300.0})", kMatch},
      {R"([300])", R"({"x":3.0e2})", kMatch},
      {R"([300])", R"({"x":"300"})", kNoMatch},
      {R"(["300"])", R"({"x":300})", kNoMatch},
      {R"([true])", R"({"x":true})", kMatch},
      {R"([true])", R"({"x":false})", kNoMatch},
      {R"([true])", R"({"x":"true"})", kNoMatch},
      {R"([false, "no"])", R"({"x":"no"})", kMatch},
      {R"([""])", R"({"x":""})", kMatch},
      {R"([""])", R"({"x":null})", kNoMatch},
      {R"(["é€😀"])", R"({"x":"\u00e9\u20ac\ud83d\ude00"})", kMatch},
      {R"("Alice")", R"({"x":"Alice"})", kRefused},
      {R"(300)", R"({"x":300})", kRefused},
      {R"([])", R"({})", kRefused},
      {R"([["Alice"]])", R"({})", kRefused},
      {R"({})", R"({})", kRefused},
  });
}

TEST(FilterPattern, NullIsOnlyNull) {
  expect_all({
      {"[null]", R"({"x":null})", kMatch},
      {"[null]", R"({"x":"null"})", kNoMatch},
      {"[null]", R"({"x":[]})", kNoMatch},
      {"[null]", R"({"x":0})", kNoMatch},
      {"[null]", R"({})", kNoMatch},
  });
}

TEST(FilterPattern, AllKeysMustHoldAndOneOfTheValues) {
  const std::string both = R"({"a":["1"],"b":["2","3"]})";
  expect_all_of_body({
      {both, R"({"a":"1","b":"3","c":1})", kMatch},
      {both, R"({"a":"1"})", kNoMatch},
      {both, R"({"a":"1","b":"1"})", kNoMatch},
      {R"({"a":{"b":{"c":["deep"]}}})", R"({"a":{"b":{"c":"deep"}}})", kMatch},
      {R"({"a":{"b":{"c":["deep"]}}})", R"({"a":{"b":"deep"}})", kNoMatch},
      {R"({"a":["deep"]})", R"({"a":"{\"a\":\"deep\"}"})", kNoMatch},
      {R"({"a":{"a":["deep"]}})", R"({"a":"{\"a\":\"deep\"}"})", kNoMatch},
  });
}

TEST(FilterPattern, OrIsHeldByOneAlternative) {
  const std::string simple = R"({"$or":[{"a":[1]},{"b":[2]}]})";
  const std::string beside = R"({"c":[3],"$or":[{"a":[1]},{"b":[2]}]})";
  const std::string nested = R"({"$or":[{"a":[1],"$or":[{"b":[2]},{"c":[3]}]},{"d":[4]}]})";
  expect_all_of_body({
      {simple, R"({"a":1})", kMatch},
      {simple, R"({"b":2})", kMatch},
      {simple, R"({"a":2,"b":1})", kNoMatch},
      {beside, R"({"b":2,"c":3})", kMatch},
      {beside, R"({"b":2})", kNoMatch},
      {beside, R"({"c":3})", kNoMatch},
      {nested, R"({"a":1,"c":3})", kMatch},
      {nested, R"({"a":1})", kNoMatch},
      {nested, R"({"d":4})", kMatch},
      {R"({"$or":[{"a":[{"exists":false}]},{"b":[2]}]})", R"({"a":1,"b":2})", kMatch},
      {R"({"$or":[{"a":[{"exists":false}]},{"b":[2]}]})", R"({"a":1})", kNoMatch},
      // Anything else is a key named $or.
      {R"({"$or":["a","b"]})", R"({"$or":"b"})", kMatch},
      {R"({"$or":{"a":[1]}})", R"({"$or":{"a":1}})", kMatch},
      {R"({"$or":[{"prefix":"a"},{"suffix":"b"}]})", R"({"$or":"ab"})", kMatch},
      {R"({"$or":[{"a":[1]}]})", R"({"a":1})", kRefused},
      {R"({"$or":[{"a":[1]},{"prefix":"b"}]})", R"({})", kRefused},
      {R"({"$or":[]})", R"({})", kRefused},
      {R"({"$or":[{},{"a":[1]}]})", R"({})", kRefused},
  });
}

TEST(FilterPattern, ArrayMatchesWhenOneOfItsValuesDoes) {
  expect_all({
      {R"(["a","b"])", R"({"x":["c","b"]})", kMatch},
      {R"(["a","b"])", R"({"x":["c"]})", kNoMatch},
      {R"(["a","b"])", R"({"x":[["c"],["a"]]})", kMatch},
      {R"(["a"])", R"({"x":[{"y":"a"}]})", kNoMatch},
  });
}

TEST(FilterPattern, OneObjectOfAnArrayMustHoldAllOfIt) {
  const std::string both = R"({"items":{"id":[1],"state":["on"]}})";
  const std::string gone = R"({"items":{"gone":[{"exists":false}]}})";
  const std::string kept = R"({"items":{"id":[1],"gone":[{"exists":false}]}})";
  expect_all_of_body({
      {both, R"({"items":[{"id":1,"state":"on"}]})", kMatch},
      {both, R"({"items":[{"id":1,"state":"off"},{"id":2,"state":"on"}]})", kNoMatch},
      {both, R"({"items":[{"id":1,"state":"off"},{"id":1,"state":"on"}]})", kMatch},
      {both, R"({"items":[[{"id":2}],[{"id":1,"state":"on"}]]})", kMatch},
      {both, R"({"items":[]})", kNoMatch},
      {gone, R"({"items":[{"id":1},{"id":2}]})", kMatch},
      {gone, R"({"items":[{"id":1},{"gone":2}]})", kNoMatch},
      {gone, R"({"items":[]})", kMatch},
      {gone, R"({"items":[1,"text"]})", kMatch},
      {kept, R"({"items":[{"id":1},{"id":2,"gone":2}]})", kMatch},
      {kept, R"({"items":[{"id":1,"gone":1},{"id":2}]})", kNoMatch},
      {R"({"a":{"b":{"c":[1],"d":[2]}}})", R"({"a":[{"b":[{"c":1},{"c":1,"d":2}]}]})", kMatch},
      {R"({"a":{"b":{"c":[1]},"d":[2]}})", R"({"a":[{"b":{"c":1}},{"d":2}]})", kNoMatch},
  });
}

TEST(FilterPattern, DotsJoinKeysOnBothSides) {
  expect_all_of_body({
      {R"({"a":{"b":[1]}})", R"({"a.b":1})", kMatch},
      {R"({"a.b":[1]})", R"({"a":{"b":1}})", kMatch},
      {R"({"a.b":[1]})", R"({"a.b":1})", kMatch},
      {R"({"a.b.c":[1]})", R"({"a":{"b.c":1}})", kMatch},
      {R"({"a.b":{"c":[1]}})", R"({"a.b.c":1})", kMatch},
      {R"({"a":{"b":[1],"c":[2]}})", R"({"a.b":1,"a":{"c":2}})", kMatch},
      {R"({"a":{"b":[1],"c":[2]}})", R"({"a.b":1,"a":{"c":3}})", kNoMatch},
      {R"({"a.b":[1],"a":{"c":[2]}})", R"({"a":{"b":1,"c":2}})", kMatch},
      {R"({"a":{"b":[1]}})", R"({"ab":1,"a":{"c":1},"a.bc":1})", kNoMatch},
      {R"({"a.b":[{"exists":false}]})", R"({"a.b":1})", kNoMatch},
      {R"({"a.":[1]})", R"({"a.":1})", kMatch},
      {R"({".":[1]})", R"({".":1,"":{"x":1}})", kMatch},
  });
}

TEST(FilterPattern, LastOfDuplicateKeysCounts) {
  const std::string twice = R"({"x":[{"prefix":"us-"}],"x":[{"anything-but":"us-east"}]})";
  expect_all_of_body({
      {twice, R"({"x":"eu-central-1"})", kMatch},
      {twice, R"({"x":"us-east"})", kNoMatch},
      {R"({"x":[1]})", R"({"x":2,"x":1})", kMatch},
  });
}

TEST(FilterPattern, BodyAndPatternMustBothBeJsonOrBothPlain) {
  expect_all_of_body({
      {R"(["hello",{"prefix":"bye"}])", "hello", kMatch},
      {R"(["hello",{"prefix":"bye"}])", "bye bye", kMatch},
      {R"(["hello",{"prefix":"bye"}])", "hello ", kNoMatch},
      {R"({"x":[1]})", "hello", kNoMatch},
      {R"({"x":[{"exists":false}]})", "hello", kNoMatch},
      {R"({"x":[1]})", R"({"x":1)", kNoMatch},
      {R"([{"prefix":"{"}])", R"({"x":1})", kNoMatch},
      {R"([{"prefix":"{"}])", R"({"x":1)", kMatch},
      {R"({"x":[1]})", R"( {"x":1} )", kMatch},
      {R"({"x":[1]})", R"([{"x":2},{"x":1}])", kMatch},
      // Ours: only objects and arrays are JSON here.
      {R"(["123"])", "123", kMatch},
      {R"(["\"quoted\""])", R"("quoted")", kMatch},
      {R"("plain-string")", "plain-string", kRefused},
  });
}

// What does not match is deleted, so nothing is said not to match that was not read.
TEST(FilterPattern, JsonBeyondTheReaderIsDelivered) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  expect_all_of_body({
      {R"({"plan":["gold"]})", R"({"plan":"tin","wei":100000000000000000000000})", kMatch},
      {R"({"plan":["gold"]})", R"({"plan":"tin","much":1e400})", kMatch},
      {R"({"plan":["gold"]})", R"({"plan":"tin","name":"\ud83d"})", kMatch},
      {R"({"plan":["gold"]})", R"({"plan":"tin","deep":)" + deep + "}", kMatch},
      {R"(["gold"])", R"({"plan":"tin","much":1e400})", kNoMatch},
  });
}

TEST(FilterPattern, DottedKeysOfRepeatedObjectsAreAllSeen) {
  expect_all_of_body({
      {R"({"a":{"x":{"z":[2]}}})", R"({"a":{"x.y":1},"a":{"x.z":2}})", kMatch},
      {R"({"a":{"x":{"y":[1]}}})", R"({"a":{"x.y":1},"a":{"x.z":2}})", kMatch},
      {R"({"a":{"x":{"z":[3]}}})", R"({"a":{"x.y":1},"a":{"x.z":2}})", kNoMatch},
  });
}

TEST(FilterPattern, MetadataIsThatOfTheEvent) {
  const std::vector<BodyCase> cases = {
      {R"({"messageAttributes":{"plan":{"stringValue":["gold"]}}})", "any", kMatch},
      {R"({"messageAttributes":{"plan":{"stringValue":["tin"]}}})", "any", kNoMatch},
      {R"({"messageAttributes.plan.dataType":["String"]})", "{}", kMatch},
      {R"({"attributes":{"ApproximateReceiveCount":["1"]}})", "any", kMatch},
      {R"({"attributes":{"AWSTraceHeader":[{"exists":false}]}})", "any", kMatch},
      {R"({"eventSource":["aws:sqs"],"awsRegion":[{"prefix":"us-"}]})", "any", kMatch},
      {R"({"eventSourceARN":[{"suffix":":signup"}],"body":["any"]})", "any", kMatch},
      {R"({"eventSourceARN":[{"suffix":":signup"}],"body":["some"]})", "any", kNoMatch},
      {R"({"$or":[{"body":{"x":[1]}},{"eventSource":["other"]}]})", R"({"x":1})", kMatch},
      {R"({"$or":[{"body":{"x":[1]}},{"awsRegion":["us-east-1"]}]})", "any", kMatch},
      {R"({"$or":[{"body":{"x":[1]}},{"awsRegion":["eu-west-1"]}]})", "any", kNoMatch},
  };
  for (const BodyCase& one : cases) EXPECT_EQ(ask(one.x, one.body), one.answer) << one.x;
}

TEST(FilterPattern, FourInvalidPatternsHaveLambdasText) {
  for (const char* pattern :
       {"null", "simple string", R"({"eventSource":"aws:sqs"})", R"({"eventSource":[]})"}) {
    FilterCriteria criteria;
    const Status status = criteria.add(pattern);
    ASSERT_FALSE(status.has_value()) << pattern;
    EXPECT_EQ(status.error().message, "Invalid filter pattern definition.") << pattern;
  }
}

TEST(FilterPattern, OtherNonsenseIsRefused) {
  for (const char* pattern : {"", "{}", "[]", "5", R"("a")", R"({"a":[1]} x)", R"({"a":[1})",
                              R"({"a":null})", "{\"a\":[\"\xff\"]}"}) {
    EXPECT_EQ(ask(pattern, "{}"), kRefused) << pattern;
  }
}

TEST(FilterPattern, IsAtMost4096BytesLong) {
  const std::string start = R"({"a":[")";
  const std::string end = R"("]})";
  const std::string most(kFilterPatternLengthMax - start.size() - end.size(), 'x');
  EXPECT_EQ(ask(start + most + end, "{}"), kNoMatch);
  EXPECT_EQ(ask(start + most + "x" + end, "{}"), kRefused);
}

TEST(FilterPattern, IsAtMostSoDeep) {
  const auto nested = [](std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += R"({"a":)";
    return text + "[1]" + std::string(levels, '}');
  };
  EXPECT_EQ(ask(nested(kFilterDepthMax), "{}"), kNoMatch);
  EXPECT_EQ(ask(nested(kFilterDepthMax + 1), "{}"), kRefused);
  EXPECT_EQ(ask(nested(500), "{}"), kRefused);
  EXPECT_EQ(ask("{\"" + std::string(1000, '.') + "\":[1]}", "{}"), kRefused);
}

TEST(FilterCriteriaTest, AMessagePassesByOneOfTheFilters) {
  FilterCriteria criteria;
  const functions::Event event = event_of(R"({"x":2})");
  EXPECT_TRUE(criteria.matches(event, event.records[0]));
  ASSERT_TRUE(criteria.add(R"({"body":{"x":[1]}})").has_value());
  EXPECT_FALSE(criteria.matches(event, event.records[0]));
  ASSERT_TRUE(criteria.add(R"({"body":{"x":[2]}})").has_value());
  EXPECT_TRUE(criteria.matches(event, event.records[0]));
}

TEST(FilterCriteriaTest, ARefusedPatternAddsNothing) {
  FilterCriteria criteria;
  ASSERT_FALSE(criteria.add("null").has_value());
  EXPECT_TRUE(criteria.empty());
}

TEST(FilterCriteriaTest, AHostileRecordIsDeliveredBeforeItTakesTooLong) {
  const auto list_of = [](const std::string& item, std::size_t bytes) {
    std::string list = item;
    while (list.size() + item.size() + 1 < bytes) list += "," + item;
    return list;
  };
  const std::string pattern = R"({"body":{"$or":[)" + list_of(R"({"a":{"b":[1]}})", 3900) + "]}}";
  EXPECT_EQ(ask(pattern, R"({"a":[)" + list_of(R"({"b":2})", 1 << 20) + "]}"), kMatch);
  EXPECT_EQ(ask(pattern, R"({"a":[)" + list_of("1", 1 << 20) + "]}"), kMatch);
  EXPECT_EQ(ask(pattern, R"({"a":[)" + list_of(R"({"b":2})", 1 << 10) + "]}"), kNoMatch);
}

TEST(FilterCriteriaTest, ManyWildcardsLookThroughALongTextOnlySoFar) {
  const std::string wildcard = R"({"wildcard":"*aab*"})";
  std::string wildcards = wildcard;
  while (wildcards.size() < 3900) wildcards += "," + wildcard;
  const std::string text(1 << 20, 'a');
  const auto ask_about = [](const std::string& tests, const std::string& x) {
    return ask(R"({"body":{"x":[)" + tests + "]}}", R"({"x":")" + x + "\"}");
  };
  EXPECT_EQ(ask_about(wildcards, text), kMatch);
  EXPECT_EQ(ask_about(wildcards, text.substr(0, 100'000)), kNoMatch);
  EXPECT_EQ(ask_about(wildcard, text), kNoMatch);
}

}  // namespace
}  // namespace headrace::runtime
