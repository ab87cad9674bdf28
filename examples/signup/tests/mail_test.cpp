#include "examples/signup/handler/mail.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signup {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kId = "7f1b2c3d-0000-4000-8000-0123456789ab";
constexpr std::int64_t kSentMs = 1700000000123;  // 2023-11-14 22:13:20 UTC, a Tuesday

Mail mail_to(std::string_view name, std::string_view address = "ada@example.com") {
  return welcome_mail(name, address, kId, kSentMs);
}

std::string header_of(const Mail& mail) { return mail.text.substr(0, mail.text.find("\r\n\r\n")); }

TEST(WelcomeMail, IsAWholeMessage) {
  const Mail mail = mail_to("Ada Lovelace");
  EXPECT_EQ(mail.recipient, "ada@example.com");
  EXPECT_EQ(mail.id, kId);
  // "Hello Ada Lovelace,", an empty line, "welcome! Your account is ready."
  EXPECT_EQ(mail.text,
            "From: Welcome desk <welcome@example.com>\r\n"
            "To: Ada Lovelace\r\n"
            " <ada@example.com>\r\n"
            "Subject: Welcome\r\n"
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
            "Message-ID: <7f1b2c3d-0000-4000-8000-0123456789ab@headrace.example>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "SGVsbG8gQWRhIExvdmVsYWNlLA0KDQp3ZWxjb21lISBZb3VyIGFjY291bnQgaXMgcmVhZHkuDQo=\r\n");
}

TEST(WelcomeMail, IsTheSameWhenBuiltAgain) { EXPECT_EQ(mail_to("Ada").text, mail_to("Ada").text); }

TEST(WelcomeMail, EncodesNamesThatAreNotPlain) {
  EXPECT_THAT(mail_to("Zo\xc3\xab").text, HasSubstr("To: =?UTF-8?B?Wm/Dqw==?=\r\n <ada@"));
  // A quote, an angle bracket or a comma would change who the mail is addressed to.
  EXPECT_THAT(header_of(mail_to("\"A\", <b@c.d>")),
              HasSubstr("To: =?UTF-8?B?IkEiLCA8YkBjLmQ+?=\r\n"));
}

TEST(WelcomeMail, SplitsLongNamesBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 32; ++i) name += "\xe2\x82\xac";  // the euro sign, 4oKs in base64
  std::string fifteen;
  for (int i = 0; i < 15; ++i) fifteen += "4oKs";
  EXPECT_THAT(mail_to(name).text, HasSubstr("To: =?UTF-8?B?" + fifteen + "?=\r\n =?UTF-8?B?" +
                                            fifteen + "?=\r\n =?UTF-8?B?4oKs4oKs?=\r\n <ada@"));
  EXPECT_THAT(
      mail_to("x" + name).text,  // 1 + 14 signs = 43 bytes, the next would be cut at 45
      HasSubstr(
          "To: =?UTF-8?B?eOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrOKCrA==?=\r\n "));
}

TEST(WelcomeMail, KeepsLinesWithin78Characters) {
  const std::string text = mail_to(std::string(200, 'x')).text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U) << text.substr(at, end - at);
    at = end + 2;
  }
}

TEST(WelcomeMail, RefusesControlCharactersInTheName) {
  for (const std::string name :
       {"Ada\r\nBcc: all@example.com", "Ada\n", "Ada\r", "Ada\tL", "\x7f"}) {
    EXPECT_THROW(mail_to(name), std::invalid_argument) << name;
  }
  EXPECT_THROW(mail_to(std::string_view("A\0", 2)), std::invalid_argument);
}

TEST(WelcomeMail, RefusesNamesThatAreEmptyOrLong) {
  EXPECT_THROW(mail_to(""), std::invalid_argument);
  EXPECT_NO_THROW(mail_to(std::string(200, 'x')));
  EXPECT_THROW(mail_to(std::string(201, 'x')), std::invalid_argument);
}

TEST(WelcomeMail, TakesAddresses) {
  const std::string longest_local_part = std::string(64, 'a') + "@example.com";
  for (const std::string_view address :
       {std::string_view("a@b"), std::string_view("o'neil+tag@mail.example.co.uk"),
        std::string_view(longest_local_part)}) {
    EXPECT_EQ(mail_to("Ada", address).recipient, address);
  }
}

TEST(WelcomeMail, RefusesWhatIsNoAddress) {
  for (const std::string_view address :
       {"", "ada", "@example.com", "ada@", "ada@example.com\r\nRCPT TO:<eve@example.com>",
        "a b@example.com", "ada@exam ple.com", "<ada@example.com>", "a@b@example.com",
        "a..b@example.com", "ada@-x.com", "ada@example..com", "ada@example.com.",
        "a@\xc3\xa4.com"}) {
    EXPECT_THROW(mail_to("Ada", address), std::invalid_argument) << address;
  }
}

TEST(WelcomeMail, RefusesAddressesLongerThanTheRfcAllows) {
  EXPECT_THROW(mail_to("Ada", std::string(65, 'a') + "@example.com"), std::invalid_argument);
  EXPECT_THROW(mail_to("Ada", "a@" + std::string(64, 'b') + ".com"), std::invalid_argument);
  std::string long_domain = "example.com";
  while (long_domain.size() < 254) long_domain = "label." + long_domain;
  EXPECT_THROW(mail_to("Ada", "ada@" + long_domain), std::invalid_argument);
}

TEST(WelcomeMail, RefusesAnIdThatLeadsToAnotherFile) {
  for (const std::string_view id : {"../../etc/passwd", "", "a/b", "a\r\nb", "a.b"}) {
    EXPECT_THROW(welcome_mail("Ada", "ada@example.com", id, kSentMs), std::invalid_argument) << id;
  }
}

}  // namespace
}  // namespace signup
