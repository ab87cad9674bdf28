// Whose files of users are read, and what may stand in them.
#include "runtime/auth/credentials.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

constexpr const char* kAccount = "000000000000";

std::string refused(const std::string& text) {
  const auto users = parse_credentials(text, kAccount);
  return users ? "" : users.error().message;
}

TEST(Credentials, AreProfilesOfAwsSharedCredentialsFile) {
  const auto users = parse_credentials(
      "# who may come\n"
      "[alice]\n"
      "aws_access_key_id = AKIDALICE\n"
      "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\r\n"
      "\n"
      "; the other team\n"
      "[profile bob]\n"
      "region = eu-west-1\n"
      "aws_secret_access_key = s3cret=with=equals\n"
      "aws_account_id = 111122223333\n"
      "aws_access_key_id = AKIDBOB",
      kAccount);
  ASSERT_TRUE(users.has_value()) << users.error().message;
  ASSERT_NE(users->find("AKIDALICE"), nullptr);
  EXPECT_EQ(users->find("AKIDALICE")->secret, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  EXPECT_EQ(users->find("AKIDALICE")->account, kAccount);
  ASSERT_NE(users->find("AKIDBOB"), nullptr);
  EXPECT_EQ(users->find("AKIDBOB")->secret, "s3cret=with=equals");
  EXPECT_EQ(users->find("AKIDBOB")->account, "111122223333");
  EXPECT_EQ(users->find("alice"), nullptr);
  EXPECT_EQ(users->find(""), nullptr);
}

// As where nobody signs: who selected an account by his key id does not become an operator.
TEST(Credentials, AKeyIdOfTwelveDigitsIsItsOwnAccount) {
  const auto users = parse_credentials(
      "[a]\naws_access_key_id = 111122223333\naws_secret_access_key = s\n", kAccount);
  ASSERT_TRUE(users.has_value());
  EXPECT_EQ(users->find("111122223333")->account, "111122223333");
}

TEST(Credentials, WhatIsWrongIsNamedWithoutItsValue) {
  const std::string key = "aws_access_key_id = AKID\n";
  const std::string secret = "aws_secret_access_key = TOPSECRET\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {key, "line 1: expected a [PROFILE] before its keys"},
      {"[a\n", "line 1: expected [PROFILE]"},
      {"[]\n", "line 1: expected [PROFILE]"},
      {"[a]\nTOPSECRET\n", "line 2: expected KEY = VALUE or [PROFILE]"},
      {"[a]\n" + key, "line 1: this profile has no aws_secret_access_key"},
      {"[a]\n" + secret + "[b]\n", "line 1: this profile has no aws_access_key_id"},
      {"[a]\n" + key + key + secret, "line 3: aws_access_key_id is given twice"},
      {"[a]\naws_secret_access_key = TOP SECRET\n",
       "line 2: aws_secret_access_key is not a valid one"},
      {"[a]\naws_access_key_id = A/B\n", "line 2: aws_access_key_id is not a valid one"},
      {"[a]\naws_access_key_id =\n", "line 2: aws_access_key_id is not a valid one"},
      {"[a]\naws_account_id = 12345\n", "line 2: aws_account_id is not a valid one"},
      {"[a]\naws_account_id = 111122223333\naws_account_id = 000000000000\n",
       "line 3: aws_account_id is given twice"},
      {"[a]\naws_secret_acces_key = TOPSECRET\n",
       "line 2: only aws_access_key_id, aws_secret_access_key and aws_account_id are known"},
      {"[a]\n" + key + secret + "[b]\n" + key + secret,
       "line 4: this profile has the aws_access_key_id of another one"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(refused(text), error) << text;
  EXPECT_EQ(refused("[a]\n" + key + "aws_secret_access_key = " + std::string(257, 'x')),
            "line 3: aws_secret_access_key is not a valid one");
}

class CredentialsFile : public ::testing::Test {
 protected:
  CredentialsFile() {
    std::ofstream(path) << "[a]\naws_access_key_id = AKID\naws_secret_access_key = SECRET\n";
    allow(0600);
  }
  void allow(mode_t mode) { ASSERT_EQ(chmod(path.c_str(), mode), 0); }

  TemporaryDirectory folder;
  const std::string path = folder / "credentials";
};

TEST_F(CredentialsFile, IsReadWhenNobodyElseCan) {
  EXPECT_TRUE(load_credentials(path, kAccount).has_value());
  for (const mode_t mode : {0640, 0604, 0660, 0610, 0601}) {
    allow(mode);
    const auto users = load_credentials(path, kAccount);
    ASSERT_FALSE(users.has_value()) << mode;
    EXPECT_EQ(users.error().message,
              path + ": is open to other users of this machine; run chmod 600");
  }
}

TEST_F(CredentialsFile, IsAFile) {
  EXPECT_FALSE(load_credentials(folder.path(), kAccount).has_value());
  EXPECT_FALSE(load_credentials(folder / "missing", kAccount).has_value());
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(load_credentials(pipe, kAccount).has_value());
}

TEST_F(CredentialsFile, TheEnvironmentAddsAUser) {
  std::map<std::string, std::string> variables;
  const Environment environment = [&variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_FALSE(gather_credentials("", environment, kAccount).has_value());  // nobody at all
  variables["HEADRACE_ACCESS_KEY_ID"] = "AKIDENV";
  EXPECT_FALSE(gather_credentials(path, environment, kAccount).has_value());  // half of one
  variables["HEADRACE_SECRET_ACCESS_KEY"] = "SECRET";
  const auto users = gather_credentials(path, environment, kAccount);
  ASSERT_TRUE(users.has_value());
  EXPECT_NE(users->find("AKID"), nullptr);
  ASSERT_NE(users->find("AKIDENV"), nullptr);
  EXPECT_EQ(users->find("AKIDENV")->account, kAccount);
  EXPECT_TRUE(gather_credentials("", environment, kAccount).has_value());
  variables["HEADRACE_ACCESS_KEY_ID"] = "AKID";  // who is in the file as well
  EXPECT_TRUE(gather_credentials(path, environment, kAccount).has_value());
  variables["HEADRACE_SECRET_ACCESS_KEY"] = "ANOTHER";
  EXPECT_FALSE(gather_credentials(path, environment, kAccount).has_value());
}

}  // namespace
}  // namespace headrace::runtime
