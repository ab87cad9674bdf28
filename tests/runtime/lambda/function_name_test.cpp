#include "runtime/lambda/function_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::runtime::lambda {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Scope kHome{"us-east-1", "000000000000"};

std::string arn_of(const std::string& text) {
  const Result<FunctionName> name = parse_function_name(text, kHome);
  return name ? name->arn() : name.error().message;
}

TEST(FunctionNameTest, AllFormsMeanTheSameFunction) {
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:mail";
  EXPECT_EQ(arn_of("mail"), arn);
  EXPECT_EQ(arn_of("function:mail"), arn);
  EXPECT_EQ(arn_of("000000000000:function:mail"), arn);
  EXPECT_EQ(arn_of(arn), arn);
}

TEST(FunctionNameTest, QualifierIsKeptInEveryForm) {
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:mail:";
  EXPECT_EQ(arn_of("mail:$LATEST"), arn + "$LATEST");
  EXPECT_EQ(arn_of("mail:7"), arn + "7");
  EXPECT_EQ(arn_of("000000000000:function:mail:live"), arn + "live");
  EXPECT_EQ(arn_of(arn + "live"), arn + "live");
}

TEST(FunctionNameTest, OtherTextsBreakThePatternOfTheModel) {
  for (const char* text : {"", "a b", "a.b", "mail:", "mail:$OLD", "mail:a:b", "arn:aws:lambda",
                           "arn:aws:sqs:us-east-1:000000000000:mail",
                           "arn:aws:lambda:us-east-1:000000000000:layer:mail"}) {
    EXPECT_THAT(arn_of(text), HasSubstr("Member must satisfy regular expression pattern: (arn:"))
        << text;
  }
  EXPECT_THAT(arn_of("a b"), StartsWith("1 validation error detected: Value 'a b' at "
                                        "'functionName' failed to satisfy constraint: "));
  EXPECT_THAT(arn_of(std::string(141, 'a')), HasSubstr("length less than or equal to 140"));
}

TEST(FunctionNameTest, OtherRegionIsNotReachable) {
  EXPECT_EQ(arn_of("arn:aws:lambda:eu-west-1:000000000000:function:mail"),
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
}

TEST(FunctionNameTest, QualifiersMayNotContradictEachOther) {
  FunctionName name = *parse_function_name("mail:1", kHome);
  EXPECT_TRUE(add_qualifier(name, "1").has_value());
  EXPECT_TRUE(add_qualifier(name, "").has_value());
  EXPECT_EQ(add_qualifier(name, "2").error().message,
            "The derived qualifier from the function name does not match the specified qualifier.");
  EXPECT_EQ(add_qualifier(name, "a b").error().code, ErrorCode::kValidation);
}

}  // namespace
}  // namespace headrace::runtime::lambda
