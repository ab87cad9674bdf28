// Signatures against AWS's published vectors (the Signature Version 4 test suite, and the ListUsers
// example of the IAM guide), and requests that must not pass for signed.
#include "runtime/auth/sigv4.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/runtime/auth/signed_request.hpp"

namespace headrace::runtime {
namespace {

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr const char* kTime = "20150830T123600Z";

std::string authorization(const std::string& scope, const std::string& signed_headers,
                          const std::string& signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + scope +
         "/aws4_request, SignedHeaders=" + signed_headers + ", Signature=" + signature;
}

struct Vector {
  const char* name;
  const char* method;
  const char* path;
  const char* query;
  Fields headers;
  const char* body;
  const char* signed_headers;
  const char* signature;
};

std::vector<Vector> vectors() {
  const std::pair<std::string, std::string> host{"host", "example.amazonaws.com"};
  const std::pair<std::string, std::string> date{"x-amz-date", kTime};
  return {
      {"get_vanilla",
       "GET",
       "/",
       "",
       {host, date},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get_vanilla_query_order_key_case",
       "GET",
       "/",
       "Param2=value2&Param1=value1",
       {host, date},
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"post_vanilla",
       "POST",
       "/",
       "",
       {host, date},
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post_x_www_form_urlencoded",
       "POST",
       "/",
       "",
       {{"content-type", "application/x-www-form-urlencoded"}, host, date},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"get_header_value_trim",
       "GET",
       "/",
       "",
       {host, {"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}, date},
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
  };
}

class PublishedVector : public ::testing::TestWithParam<Vector> {};

TEST_P(PublishedVector, IsReproduced) {
  const Vector& vector = GetParam();
  Fields headers = vector.headers;
  headers.emplace_back("authorization", authorization("20150830/us-east-1/service",
                                                      vector.signed_headers, vector.signature));
  const HttpRequest request =
      request_with(vector.method, vector.path, vector.query, headers, vector.body);
  const ReadClaim read = read_claim(request);
  ASSERT_EQ(read.kind, ClaimKind::kWhole);
  const auto text = string_to_sign(request, read.claim);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(hex(sign(signing_key(kSecret, read.claim.scope), *text)), vector.signature);
  EXPECT_EQ(hex(read.claim.signature), vector.signature);
}

INSTANTIATE_TEST_SUITE_P(, PublishedVector, ::testing::ValuesIn(vectors()),
                         [](const auto& vector) { return std::string(vector.param.name); });

TEST(Sigv4, TheExampleOfTheIamGuideIsReproduced) {
  const std::string signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
  const HttpRequest request = request_with(
      "GET", "/", "Action=ListUsers&Version=2010-05-08",
      {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
       {"host", "iam.amazonaws.com"},
       {"x-amz-date", kTime},
       {"authorization",
        authorization("20150830/us-east-1/iam", "content-type;host;x-amz-date", signature)}},
      "");
  const ReadClaim read = read_claim(request);
  ASSERT_EQ(read.kind, ClaimKind::kWhole);
  const Sha256 key = signing_key(kSecret, read.claim.scope);
  EXPECT_EQ(hex(key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  EXPECT_EQ(hex(sign(key, *string_to_sign(request, read.claim))), signature);
}

TEST(Sigv4, TimesHaveOneForm) {
  EXPECT_EQ(to_timestamp(from_epoch_ms(1'440'938'160'000)), kTime);
  EXPECT_EQ(parse_timestamp(kTime), from_epoch_ms(1'440'938'160'000));
  for (const char* text : {"", "20150830T123600", "20150830 123600Z", "20151330T123600Z",
                           "20150230T123600Z", "20150830T243600Z", "2015083OT123600Z"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

// A request as an SDK signs it, with one thing another way.
class Claim : public ::testing::Test {
 protected:
  ReadClaim claim_with(const std::string& header, const std::string& value,
                       const std::string& query = "") {
    Fields fields = headers;
    bool replaced = false;
    for (auto& [name, old] : fields) {
      if (name != header) continue;
      old = value;
      replaced = true;
    }
    if (!replaced) fields.emplace_back(header, value);
    return read_claim(request_with("POST", "/", query, fields, "{}"));
  }
  ClaimKind kind_with(const std::string& header, const std::string& value,
                      const std::string& query = "") {
    return claim_with(header, value, query).kind;
  }
  std::string authorization_with(const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  }

  const std::string signature = std::string(64, 'a');
  const std::string good =
      authorization("20150830/us-east-1/sqs", "host;x-amz-date;x-amz-target", signature);
  const Fields headers = {{"host", "localhost:4566"},
                          {"x-amz-date", kTime},
                          {"x-amz-target", "AmazonSQS.SendMessage"},
                          {"authorization", good}};
};

TEST_F(Claim, IsWholeAsClientsSendIt) {
  EXPECT_EQ(kind_with("accept", "*/*"), ClaimKind::kWhole);
  std::string tight = good;
  for (std::size_t at = tight.find(", "); at != std::string::npos; at = tight.find(", ")) {
    tight.erase(at + 1, 1);
  }
  EXPECT_EQ(kind_with("authorization", tight), ClaimKind::kWhole);
}

TEST_F(Claim, IsBrokenWhereItSaysTooLittleOrTooMuch) {
  const std::string no_value[] = {"Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential"};
  for (const std::string& text : no_value) {
    EXPECT_EQ(kind_with("authorization", text), ClaimKind::kBroken) << text;
  }
  const std::pair<const char*, const char*> changes[] = {
      {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"},
      {"Signature=a", "Signature=g"},
      {"Signature=a", "Signature=A"},
      {"Signature=a", "Signature=aa"},
      {"/aws4_request", "/aws5_request"},
      {"AKIDEXAMPLE/", ""},
      {"AKIDEXAMPLE", "AK ID"},
      {"20150830/", "20150831/"},  // another day than that of X-Amz-Date
      {"host;", ""},
      {";x-amz-target", ""},  // whoever changes the target would not be noticed
      {"host;x-amz-date", "x-amz-date;host"},
      {"host;", "host;host;"},
      {", Signature=", ", Signature=00, Signature="},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_EQ(kind_with("authorization", authorization_with(from, to)), ClaimKind::kBroken)
        << from << " -> " << to;
  }
  EXPECT_EQ(kind_with("x-amz-date", ""), ClaimKind::kBroken);
  EXPECT_EQ(kind_with("accept", "*/*", "X-Amz-Signature=" + signature), ClaimKind::kBroken);
  EXPECT_EQ(kind_with("accept", "*/*", "a=%zz"), ClaimKind::kBroken);
}

// AWS's words, as people quote them in public reports; where AWS repeats the header, ours does not.
TEST_F(Claim, SaysWhatIsWrongWithIt) {
  const auto problem = [this](const std::string& text) {
    return claim_with("authorization", text).problem;
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    return problem(authorization_with(from, to));
  };
  EXPECT_EQ(problem("AWS4-HMAC-SHA256 Credential=a/b"),
            "Authorization header requires 'Signature' parameter. Authorization header requires "
            "'SignedHeaders' parameter.");
  EXPECT_EQ(changed("AKIDEXAMPLE/", ""),
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got '20150830/us-east-1/sqs/aws4_request'");
  EXPECT_EQ(changed("20150830/", "20150831/"),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: '20150831' != '20150830', from '20150830T123600Z'.");
  EXPECT_EQ(changed("host;", ""), "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(changed(";x-amz-target", ""),
            "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(claim_with("x-amz-date", "Mon, 09 Sep 2011").problem,
            "Date must be in ISO-8601 'basic format'. Got 'Mon,?09?Sep?2011'.");
  EXPECT_EQ(claim_with("x-amz-date", "").problem,
            "Authorization header requires existence of an 'X-Amz-Date' header.");
  EXPECT_EQ(problem("Basic dXNlcjpwYXNzd29yZA=="),
            "Unsupported AWS 'algorithm': 'Basic'; AWS4-HMAC-SHA256 is supported.");
  Fields unsigned_headers = {{"host", "x"}};
  const std::string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=" + signature;
  EXPECT_EQ(read_claim(request_with("GET", "/", query, unsigned_headers, "")).problem,
            "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string "
            "parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must "
            "include 'X-Amz-Date'. AWS query-string parameters must include 'X-Amz-Expires'. "
            "Re-examine the query-string parameters.");
}

// Whatever a stranger sends, the answer is short and printable.
TEST_F(Claim, RepeatsNoneOfAStrangersControlCharacters) {
  const std::string problem =
      claim_with("authorization", "AWS4-HMAC-SHA256 Credential=\x1b[31m\xff" +
                                      std::string(5000, 'x') +
                                      ", SignedHeaders=host, Signature=" + signature)
          .problem;
  EXPECT_LT(problem.size(), 400U);
  for (const char c : problem) EXPECT_TRUE(c >= ' ' && c < 0x7f);
}

TEST_F(Claim, OfTwoAuthorizationsIsBroken) {
  Fields twice = headers;
  twice.emplace_back("authorization", good);
  EXPECT_EQ(read_claim(request_with("POST", "/", "", twice, "{}")).kind, ClaimKind::kBroken);
}

TEST_F(Claim, IsNoneWithoutASignature) {
  EXPECT_EQ(read_claim(request_with("GET", "/", "a=b", {{"host", "x"}}, "")).kind,
            ClaimKind::kNone);
}

TEST_F(Claim, OfAPresignedRequestSaysHowLongItHolds) {
  const std::string query =
      "Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%"
      "2F"
      "us-east-1%2Fsqs%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&"
      "X-Amz-Signature=" +
      signature;
  const auto kind = [&](const std::string& expires) {
    return read_claim(request_with("GET", "/", query + expires, {{"host", "x"}}, ""));
  };
  const ReadClaim read = kind("&X-Amz-Expires=604800");
  ASSERT_EQ(read.kind, ClaimKind::kWhole);
  EXPECT_EQ(read.claim.expires, std::chrono::hours(24 * 7));
  EXPECT_EQ(read.claim.scope.access_key_id, "AKIDEXAMPLE");
  for (const char* expires : {"", "&X-Amz-Expires=0", "&X-Amz-Expires=604801", "&X-Amz-Expires=-1",
                              "&X-Amz-Expires=1&X-Amz-Expires=2", "&X-Amz-Expires=1x"}) {
    EXPECT_EQ(kind(expires).kind, ClaimKind::kBroken) << expires;
  }
}

// What was signed, with one bit changed anywhere: none of ten thousand passes.
TEST(Sigv4, NoRequestWithAChangedBitPasses) {
  const CredentialScope scope{"AKIDEXAMPLE", "20150830", "us-east-1", "sqs"};
  const SignedParts good = sign_parts(SignedParts{"POST",
                                                  "/000000000000/q",
                                                  "a=b",
                                                  {{"host", "localhost:4566"},
                                                   {"x-amz-date", kTime},
                                                   {"x-amz-target", "AmazonSQS.SendMessage"}},
                                                  R"({"QueueUrl":"q","MessageBody":"hello"})"},
                                      kSecret, scope);
  const auto passes = [&](const SignedParts& parts) {
    const HttpRequest request = to_request(parts);
    const ReadClaim read = read_claim(request);
    if (read.kind != ClaimKind::kWhole || read.claim.scope.access_key_id != scope.access_key_id) {
      return false;
    }
    const auto text = string_to_sign(request, read.claim);
    return text && same_signature(read.claim.signature,
                                  sign(signing_key(kSecret, read.claim.scope), *text));
  };
  ASSERT_TRUE(passes(good));
  Random random(1);
  int passed = 0;
  for (int i = 0; i < 10'000; ++i) {
    SignedParts changed = good;
    const std::vector<std::string*> texts = all_texts(changed);
    std::string& text = *texts[random.below(texts.size())];
    char& byte = text[random.below(text.size())];
    byte = static_cast<char>(byte ^ (1 << random.below(8)));
    passed += passes(changed) ? 1 : 0;
  }
  EXPECT_EQ(passed, 0);
}

}  // namespace
}  // namespace headrace::runtime
