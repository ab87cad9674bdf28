#include "queue/sqs/xml_writer.hpp"

#include <gtest/gtest.h>

namespace headrace::queue::sqs {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  xml_append_text(out, text);
  return out;
}

TEST(XmlWriter, NestsElements) {
  std::string out;
  XmlWriter(out).begin_document("A", "urn:x").begin("B").element("C", "1").end("B").end("A");
  EXPECT_EQ(out, "<?xml version=\"1.0\"?><A xmlns=\"urn:x\"><B><C>1</C></B></A>");
}

TEST(XmlWriter, ClosesAnEmptyElementAtOnce) {
  std::string out;
  XmlWriter(out).begin("A").begin("B").end("B").element("C", "").end("A");
  EXPECT_EQ(out, "<A><B/><C/></A>");
}

TEST(XmlWriter, EscapesWhatAParserWouldTakeForMarkup) {
  EXPECT_EQ(escaped("a&b<c>d\"e'"), "a&amp;b&lt;c&gt;d&quot;e'");
}

TEST(XmlWriter, KeepsWhiteSpaceWithACarriageReturnAsReference) {
  EXPECT_EQ(escaped(" \t\r\n"), " \t&#xD;\n");
}

TEST(XmlWriter, KeepsCharactersBeyondAscii) {
  const std::string text = "\x7F\xC3\xA9\xEF\xBF\xBD\xEF\xBC\xA1\xF0\x9F\x98\x80";
  EXPECT_EQ(escaped(text), text);
}

// XML 1.0, section 2.2: not even as references.
TEST(XmlWriter, ReplacesCharactersXmlCannotCarry) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string("a\0b\x1F", 4)), "a" + replacement + "b" + replacement);
  EXPECT_EQ(escaped("\xEF\xBF\xBE.\xEF\xBF\xBF"), replacement + "." + replacement);
}

}  // namespace
}  // namespace headrace::queue::sqs
