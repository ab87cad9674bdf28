#include "queue/sqs/digest.hpp"

#include <gtest/gtest.h>

namespace headrace::queue::sqs {
namespace {

MessageAttribute text_attribute(std::string name, std::string value, std::string type = "String") {
  return {std::move(name), std::move(type), ValueKind::kText, std::move(value)};
}

MessageAttribute binary(std::string name, std::string value, std::string type = "Binary") {
  return {std::move(name), std::move(type), ValueKind::kBinary, std::move(value)};
}

std::string digest(const std::vector<MessageAttribute>& attributes) {
  return hex(md5_of_attributes(attributes));
}

// The values are recordings of AWS (spec 5.4), T071.
TEST(AttributesDigest, MatchesRecordedValuesOfStrings) {
  EXPECT_EQ(digest({text_attribute("Foo", "Bar")}), "ae7155c6026991b6d54b11589678bf9c");
  EXPECT_EQ(digest({text_attribute("k", "x")}), "a45daa70926828a2f0a1db3418e6feb4");
  EXPECT_EQ(digest({text_attribute("MyAttribute", "foobar")}), "adb59cd4678ea5a855436b949cd07ab6");
  EXPECT_EQ(digest({text_attribute("Hello", "There")}), "a311262e065454b75da111d535b8dacd");
}

TEST(AttributesDigest, SortsByNameWhateverTheOrder) {
  const auto general = text_attribute("General", "Kenobi");
  const auto hello = text_attribute("Hello", "There");
  const auto help = text_attribute("Help.Me", "Me");
  EXPECT_EQ(digest({help, hello, general}), "4c360f3fdafd970e05fae2f149d997f5");
  EXPECT_EQ(digest({general, hello, help}), "4c360f3fdafd970e05fae2f149d997f5");
  EXPECT_EQ(digest({hello, general}), "fca026605781cb4126a1e9044df24232");
  EXPECT_EQ(digest({hello, help}), "83fee93c1bcd8b9a5a923ffacdc636c7");
}

TEST(AttributesDigest, MatchesRecordedValuesOfNumberAndBinary) {
  EXPECT_EQ(digest({text_attribute("timestamp", "1493147359900", "Number")}),
            "235c5c510d26fb653d073faed50ae77c");
  EXPECT_EQ(digest({binary("attr1",
                           "traceparent\x1e"
                           "00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")}),
            "8cbe4db156db8a94db8b801b7addb984");
}

// T072: computed by hand in the spec, upper case sorts before lower case.
TEST(AttributesDigest, CountsTheLabelOfATypeAndRawBytes) {
  EXPECT_EQ(
      digest({binary("blob", std::string("\x00\x01\xff", 3), "Binary.png"),
              text_attribute("Zeta", "\xc3\xa9"), text_attribute("Count", "42", "Number.int")}),
      "d3ebd7df0f4580a1b7a77feb8a9c4805");
}

// T073
TEST(AttributesDigest, MatchesRecordedValueOfTheTraceHeader) {
  EXPECT_EQ(
      digest({text_attribute("AWSTraceHeader",
                             "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;"
                             "Sampled=1")}),
      "5ae4d5d7636402d80f4eb6d213245a88");
}

TEST(AttributesDigest, OfABodyIsPlainMd5) {
  EXPECT_EQ(hex(md5("message")), "78e731027d8fd50ed642340b7c9a63b3");
  EXPECT_EQ(hex(md5("test")), "098f6bcd4621d373cade4e832627b4f6");
}

}  // namespace
}  // namespace headrace::queue::sqs
