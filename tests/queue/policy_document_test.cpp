// AddPermission and RemovePermission (SQS spec 4.6, 3.3, 3.4).
#include "queue/policy_document.hpp"

#include <gtest/gtest.h>

namespace headrace::queue {
namespace {

const std::string kArn = "arn:aws:sqs:us-east-1:000000000000:q";

std::string added(const std::string& policy, const PolicyStatement& statement) {
  const auto result = add_permission(policy, kArn, statement);
  return result ? *result : "refused: " + result.error().message;
}

std::string removed(const std::string& policy, const std::string& label) {
  const auto result = remove_permission(policy, label);
  return result ? *result : "refused: " + result.error().message;
}

// T063
TEST(PolicyDocument, BeginsAsAwsDoesWithTextsForOneAccountAndOneAction) {
  EXPECT_EQ(
      added("", {"crossaccount", {"668614515564"}, {"ReceiveMessage"}}),
      R"({"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:000000000000:q/SQSDefaultPolicy",)"
      R"("Statement":[{"Sid":"crossaccount","Effect":"Allow",)"
      R"("Principal":{"AWS":"arn:aws:iam::668614515564:root"},"Action":"SQS:ReceiveMessage",)"
      R"("Resource":"arn:aws:sqs:us-east-1:000000000000:q"}]})");
}

// T063
TEST(PolicyDocument, NamesSeveralAccountsAndActionsInLists) {
  const std::string policy =
      added("", {"two", {"668614515564", "211234567890"}, {"ReceiveMessage", "SendMessage"}});
  EXPECT_NE(
      policy.find(R"("AWS":["arn:aws:iam::668614515564:root","arn:aws:iam::211234567890:root"])"),
      std::string::npos)
      << policy;
  EXPECT_NE(policy.find(R"("Action":["SQS:ReceiveMessage","SQS:SendMessage"])"), std::string::npos)
      << policy;
}

TEST(PolicyDocument, KeepsWhatItDoesNotTouch) {
  const std::string own = R"({"Version":"2012-10-17","Statement":{"Sid":"mine","Effect":"Deny"}})";
  const std::string both = added(own, {"more", {"668614515564"}, {"*"}});
  EXPECT_TRUE(
      both.starts_with(R"({"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny"},)"))
      << both;
  EXPECT_EQ(removed(both, "more"),
            R"({"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny"}]})");
}

// T064
TEST(PolicyDocument, RefusesALabelThatExists) {
  const PolicyStatement statement{"crossaccount", {"668614515564"}, {"ReceiveMessage"}};
  EXPECT_EQ(added(added("", statement), statement),
            "refused: Value crossaccount for parameter Label is invalid. Reason: Already exists.");
}

TEST(PolicyDocument, HoldsTwentyStatements) {
  std::string policy;
  for (int i = 0; i < 20; ++i) {
    policy = added(policy, {"l" + std::to_string(i), {"668614515564"}, {"SendMessage"}});
  }
  const auto more = add_permission(policy, kArn, {"l20", {"668614515564"}, {"SendMessage"}});
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::kOverLimit);
  EXPECT_EQ(more.error().message, "21 Statements were found, maximum allowed is 20.");
}

// T065
TEST(PolicyDocument, IsEmptyWithoutItsLastStatement) {
  const std::string policy = added("", {"one", {"668614515564"}, {"SendMessage"}});
  EXPECT_EQ(removed(policy, "one"), "");
  EXPECT_EQ(removed("", "one"),
            "refused: Value one for parameter Label is invalid. Reason: can't find label.");
  EXPECT_EQ(removed(policy, "two"),
            "refused: Value two for parameter Label is invalid. Reason: can't find label on "
            "existing policy.");
}

TEST(PolicyDocument, StatementsOfAnyFormAreNoLabels) {
  for (const char* odd :
       {R"({"Statement":[1,null,"x",{"Sid":7}]})", R"({"Statement":"x"})", "{}"}) {
    EXPECT_TRUE(add_permission(odd, kArn, {"l", {"668614515564"}, {"*"}}).has_value()) << odd;
    EXPECT_FALSE(remove_permission(odd, "l").has_value()) << odd;
  }
}

}  // namespace
}  // namespace headrace::queue
