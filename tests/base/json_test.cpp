#include "base/json.hpp"

#include <gtest/gtest.h>

namespace headrace {
namespace {

bool parses(std::string_view text) { return JsonDocument::parse(text).has_value(); }

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(Json, ReadsEveryType) {
  const auto document =
      JsonDocument::parse(R"({"s":"x","i":-7,"d":2.5,"t":true,"n":null,"a":[1,2],"o":{"k":""}})");
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  EXPECT_EQ(root.find("s")->as_string(), "x");
  EXPECT_EQ(root.find("i")->as_integer(), -7);
  EXPECT_EQ(root.find("d")->as_number(), 2.5);
  EXPECT_EQ(root.find("t")->as_boolean(), true);
  EXPECT_TRUE(root.find("n")->is_null());
  EXPECT_EQ(root.find("a")->elements().size(), 2U);
  EXPECT_EQ(root.find("o")->members().front().first, "k");
  EXPECT_EQ(root.find("absent"), std::nullopt);
}

TEST(Json, AGetterOfAnotherTypeIsEmpty) {
  const auto document = JsonDocument::parse(R"({"s":"1","t":true,"n":null,"i":1})");
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  EXPECT_EQ(root.find("s")->as_integer(), std::nullopt);
  EXPECT_EQ(root.find("t")->as_integer(), std::nullopt);
  EXPECT_EQ(root.find("i")->as_boolean(), std::nullopt);
  EXPECT_EQ(root.find("n")->as_string(), std::nullopt);
  EXPECT_EQ(root.as_string(), std::nullopt);
  EXPECT_TRUE(root.elements().empty());
  EXPECT_EQ(root.find("s")->find("x"), std::nullopt);
}

TEST(Json, NestsSixtyFourLevelsAndNoMore) {
  EXPECT_TRUE(parses(nested(64)));
  EXPECT_FALSE(parses(nested(65)));
  EXPECT_FALSE(parses(nested(100'000)));
  EXPECT_FALSE(parses(std::string(100'000, '[')));
}

TEST(Json, RefusesDuplicateKeysAtEveryLevel) {
  EXPECT_FALSE(parses(R"({"a":1,"a":2})"));
  EXPECT_FALSE(parses(R"([{"b":{"a":1,"c":2,"a":1}}])"));
  EXPECT_FALSE(parses(R"({"a":1,"\u0061":2})"));
  EXPECT_TRUE(parses(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(Json, KeepsDuplicateKeysWhenAsked) {
  const auto document = JsonDocument::parse(R"({"a":1,"b":{"c":2,"c":3}})", DuplicateKeys::kKept);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().find("b")->members().size(), 2U);
}

TEST(Json, RefusesTrailingBytes) {
  EXPECT_TRUE(parses(" {} \r\n\t"));
  for (const std::string_view text : {"{}x", "{}{}", "1 2", "[],", "{} //", "\"a\" \"b\""}) {
    EXPECT_FALSE(parses(text)) << text;
  }
  EXPECT_FALSE(parses(std::string_view("{}\0", 3)));
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"",        " ",         "{",        "}",     "[1,]",      "{\"a\":1,}", "{a:1}",
        "{'a':1}", "nul",       "True",     "NaN",   "Infinity",  "-Infinity",  "+1",
        "01",      "1.",        ".5",       "1e",    "0x10",      "--1",        "\"",
        "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "[1 2]", "{\"a\" 1}", "/**/1"}) {
    EXPECT_FALSE(parses(text)) << text;
  }
}

TEST(Json, RefusesBrokenText) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", R"("\ud800")", R"("\udc00")",
        R"("\ud800\u0041")", R"({"\ud800":1})"}) {
    EXPECT_FALSE(parses(text)) << text;
  }
  EXPECT_EQ(JsonDocument::parse(R"("\ud83d\ude00")")->root().as_string(), "\xf0\x9f\x98\x80");
  EXPECT_EQ(JsonDocument::parse(R"("\u0000")")->root().as_string(), std::string_view("\0", 1));
}

std::optional<std::int64_t> integer(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  return document ? document->root().as_integer() : std::nullopt;
}

TEST(Json, AnIntegerHasNoFractionAndNoExponent) {
  EXPECT_EQ(integer("3"), 3);
  EXPECT_EQ(integer("4294967297"), 4294967297);
  EXPECT_EQ(integer("3.0"), std::nullopt);
  EXPECT_EQ(integer("3.9"), std::nullopt);
  EXPECT_EQ(integer("3e0"), std::nullopt);
  EXPECT_EQ(integer("-0"), 0);
}

TEST(Json, AnIntegerFitsSixtyFourBits) {
  EXPECT_EQ(integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(integer("18446744073709551616"), std::nullopt);
  EXPECT_EQ(integer("-9223372036854775809"), std::nullopt);
}

TEST(Json, RefusesNumbersBeyondADouble) {
  EXPECT_FALSE(parses("1e999"));
  EXPECT_TRUE(parses("1e308"));
}

TEST(Json, GoesBackToTextUnchanged) {
  const std::string text = R"({"a":[1,-2,true,null,"\"\n"],"b":{},"c":2.5})";
  EXPECT_EQ(JsonDocument::parse(text)->root().to_json(), text);
  EXPECT_EQ(JsonDocument::parse(" [ 1 , 2 ] ")->root().to_json(), "[1,2]");
}

TEST(Json, GoesBackToTextAsNumbersOfTheSameValue) {
  EXPECT_EQ(JsonDocument::parse("18446744073709551615")->root().to_json(), "18446744073709551615");
  EXPECT_EQ(JsonDocument::parse("9007199254740993")->root().to_json(), "9007199254740993");
}

TEST(Json, KeepsItsValuesWhenTheDocumentMoves) {
  auto document = JsonDocument::parse(R"({"a":"x"})");
  ASSERT_TRUE(document);
  const JsonDocument moved = std::move(*document);
  EXPECT_EQ(moved.root().find("a")->as_string(), "x");
}

TEST(Json, NamesItsTypes) {
  EXPECT_STREQ(to_string(JsonType::kString), "a string");
  EXPECT_STREQ(to_string(JsonType::kObject), "an object");
}

}  // namespace
}  // namespace headrace
