#include "base/json_writer.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace headrace {
namespace {

std::string written(std::string_view text) {
  std::string out;
  json_append_string(out, text);
  return out;
}

TEST(JsonWriter, PlacesCommasAndBrackets) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("a", "x").member("b", 1).member("c", true).key("d").begin_array();
  writer.begin_object().end_object().null().real(0.5).raw("[1]").begin_array().end_array();
  writer.end_array().key("e").string("").end_object();
  EXPECT_EQ(out, R"({"a":"x","b":1,"c":true,"d":[{},null,0.5,[1],[]],"e":""})");
}

TEST(JsonWriter, EscapesOnlyWhatJsonDemands) {
  EXPECT_EQ(written("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(written("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(written(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(written("\xc3\xa4\xf0\x9f\x98\x80"), "\"\xc3\xa4\xf0\x9f\x98\x80\"");
}

TEST(JsonWriter, WhatItEscapesReadsBackTheSame) {
  std::string text;
  for (char c = 0; c < 0x7f; ++c) text += c;
  EXPECT_EQ(JsonDocument::parse(written(text))->root().as_string(), text);
}

TEST(JsonWriter, KnowsTheSizeOfAStringBeforehand) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = std::string("x") + static_cast<char>(c) + "y";
    EXPECT_EQ(json_string_size(text), written(text).size()) << c;
  }
  EXPECT_EQ(json_string_size(""), 2U);
  EXPECT_EQ(json_string_size("\xc3\xa4"), 4U);
}

TEST(JsonWriter, WritesTheExtremesOfIntegers) {
  std::string out;
  JsonWriter(out).begin_array().number(INT64_MIN).number(INT64_MAX).end_array();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807]");
}

TEST(JsonWriter, AppendsBehindWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).boolean(false);
  EXPECT_EQ(out, "data: false");
}

TEST(JsonString, EscapesAreFoundAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text(20, 'a');
      text[place] = static_cast<char>(byte);
      const bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
      const std::string quoted = written(text);
      EXPECT_EQ(quoted == '"' + text + '"', plain) << byte << " at " << place;
      EXPECT_EQ(json_string_size(text), quoted.size()) << byte << " at " << place;
    }
  }
}

}  // namespace
}  // namespace headrace
