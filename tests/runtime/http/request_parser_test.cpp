#include "runtime/http/request_parser.hpp"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

using State = RequestParser::State;

const RequestLimits kLimits;

// An SDK-like request: what must always pass.
const std::string kSendMessage =
    "POST /000000000000/signup?x=1&y HTTP/1.1\r\n"
    "Host: localhost:4566\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target:  AmazonSQS.SendMessage \r\n"
    "X-Note: caf\xc3\xa9\r\n"
    "Empty:\r\n"
    "Content-Length: 18\r\n"
    "\r\n"
    "{\"MessageBody\":\"\"}";

const std::string kChunked =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
    "4\r\nWiki\r\n5;note=\"x\"\r\npedia\r\nA\r\n0123456789\r\n0\r\nX-Checksum: 1\r\n\r\n";

// Feeds pieces of `step` bytes until the parser has had enough; returns how many it took.
std::size_t feed_in_steps(RequestParser& parser, const std::string& bytes, std::size_t step) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    if (parser.state() == State::kComplete || parser.state() == State::kRefused) break;
    taken += parser.feed(std::string_view(bytes).substr(taken, step));
  }
  return taken;
}

std::string with_headers(const std::string& headers, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body;
}

std::string chunks(const std::string& body) {
  return with_headers("Transfer-Encoding: chunked\r\n", body);
}

TEST(RequestParser, ReadsARequestHoweverItsBytesArrive) {
  for (std::size_t step = 1; step <= kSendMessage.size(); ++step) {
    RequestParser parser(kLimits);
    ASSERT_EQ(feed_in_steps(parser, kSendMessage, step), kSendMessage.size());
    ASSERT_EQ(parser.state(), State::kComplete) << step << " " << parser.refusal().reason;
    EXPECT_TRUE(parser.keep_alive());
    const HttpRequest request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/000000000000/signup");
    EXPECT_EQ(request.query, "x=1&y");
    EXPECT_EQ(request.header("host"), "localhost:4566");
    EXPECT_EQ(request.header("x-amz-target"), "AmazonSQS.SendMessage");
    EXPECT_EQ(request.header("x-note"), "caf\xc3\xa9");
    EXPECT_EQ(request.header("empty"), "");
    EXPECT_EQ(request.headers.size(), 6u);
    EXPECT_EQ(request.body, "{\"MessageBody\":\"\"}");
  }
}

TEST(RequestParser, ReadsEverySplitInTwo) {
  for (const std::string& bytes : {kSendMessage, kChunked}) {
    for (std::size_t split = 0; split <= bytes.size(); ++split) {
      RequestParser parser(kLimits);
      std::size_t taken = parser.feed(bytes.substr(0, split));
      ASSERT_EQ(taken, split);
      taken += parser.feed(bytes.substr(split));
      ASSERT_EQ(taken, bytes.size());
      ASSERT_EQ(parser.state(), State::kComplete) << split << " " << parser.refusal().reason;
    }
  }
}

TEST(RequestParser, DecodesChunksAndKeepsTrailersApartFromHeaders) {
  for (std::size_t step = 1; step <= kChunked.size(); ++step) {
    RequestParser parser(kLimits);
    feed_in_steps(parser, kChunked, step);
    ASSERT_EQ(parser.state(), State::kComplete) << parser.refusal().reason;
    const HttpRequest request = parser.take();
    EXPECT_EQ(request.body, "Wikipedia0123456789");
    EXPECT_EQ(request.header("x-checksum"), "");
    EXPECT_EQ(request.trailer("x-checksum"), "1");
  }
}

TEST(RequestParser, ViewsStayValidWhenTheRequestMoves) {
  RequestParser parser(kLimits);
  parser.feed(kSendMessage);
  HttpRequest first = parser.take();
  const HttpRequest moved = std::move(first);
  EXPECT_EQ(moved.path, "/000000000000/signup");
  EXPECT_EQ(moved.header("content-length"), "18");
}

TEST(RequestParser, LeavesPipelinedBytesToTheNextRequest) {
  RequestParser parser(kLimits);
  const std::string bytes = kSendMessage + kChunked + kSendMessage;
  std::size_t taken = 0;
  for (const std::string& expected : {kSendMessage, kChunked, kSendMessage}) {
    const std::size_t used = parser.feed(std::string_view(bytes).substr(taken));
    EXPECT_EQ(used, expected.size());
    ASSERT_EQ(parser.state(), State::kComplete);
    EXPECT_EQ(parser.feed("GET"), 0u);
    parser.take();
    taken += used;
  }
  EXPECT_EQ(taken, bytes.size());
}

TEST(RequestParser, TellsWhoKeepsTheConnection) {
  const auto keeps = [](const std::string& bytes) {
    RequestParser parser(kLimits);
    parser.feed(bytes);
    EXPECT_EQ(parser.state(), State::kComplete) << bytes << parser.refusal().reason;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, ExpectationIsToldOnceAndBeforeTheBody) {
  RequestParser parser(kLimits);
  parser.feed(with_headers("Expect: 100-Continue\r\nContent-Length: 2\r\n"));
  ASSERT_EQ(parser.state(), State::kBody);
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
  parser.feed("ok");
  EXPECT_EQ(parser.state(), State::kComplete);
}

TEST(RequestParser, LimitsAreExact) {
  RequestLimits limits;
  limits.body_bytes = 10;
  const auto state_after = [&limits](const std::string& bytes) {
    RequestParser parser(limits);
    parser.feed(bytes);
    return parser.state();
  };
  EXPECT_EQ(state_after(with_headers("Content-Length: 10\r\n")), State::kBody);
  EXPECT_EQ(state_after(with_headers("Content-Length: 11\r\n")), State::kRefused);
  EXPECT_EQ(state_after(chunks("5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n")), State::kComplete);
  EXPECT_EQ(state_after(chunks("5\r\n12345\r\n6\r\n")), State::kRefused);

  const std::string head = with_headers("");
  limits.head_bytes = head.size();
  EXPECT_EQ(state_after(head), State::kComplete);
  limits.head_bytes = head.size() - 1;
  EXPECT_EQ(state_after(head), State::kRefused);
}

struct BadCase {
  std::string name;
  std::string bytes;
  int status;
};

void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

std::string many_headers(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
  return lines;
}

using std::string_literals::operator""s;

// Bad framing, in four groups. Each must be refused when its last byte has arrived.
std::vector<BadCase> bad_lengths() {
  const std::string body = "0\r\n\r\n";
  return {
      {"ContentLengthThenTransferEncoding",
       with_headers("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body), 400},
      {"TransferEncodingThenContentLength",
       with_headers("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", body), 400},
      {"UnknownCoding", with_headers("Transfer-Encoding: xchunked\r\n"), 501},
      {"ChunkedNotLast", with_headers("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"ChunkedAfterGzip", with_headers("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"GzipWithContentLength", with_headers("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
       501},
      {"TransferEncodingTwice",
       with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"TransferEncodingWithTab", with_headers("Transfer-Encoding:\tchunked\r\n"), 501},
      {"TransferEncodingTrailingTab", with_headers("Transfer-Encoding: chunked\t\r\n"), 501},
      {"SpaceBeforeColon", with_headers("Transfer-Encoding : chunked\r\n"), 400},
      {"EmptyTransferEncoding", with_headers("Transfer-Encoding:\r\n"), 501},
      {"TransferEncodingOnHttp10",
       "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"TwoEqualContentLengths", with_headers("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
       400},
      {"TwoContentLengths", with_headers("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"ContentLengthList", with_headers("Content-Length: 3, 3\r\n"), 400},
      {"ContentLengthPlus", with_headers("Content-Length: +3\r\n"), 400},
      {"ContentLengthNegative", with_headers("Content-Length: -1\r\n"), 400},
      {"ContentLengthOverflow", with_headers("Content-Length: 18446744073709551616\r\n"), 400},
      {"ContentLengthHexadecimal", with_headers("Content-Length: 0x3\r\n"), 400},
      {"ContentLengthEmpty", with_headers("Content-Length:\r\n"), 400},
      {"ContentLengthInnerSpace", with_headers("Content-Length: 1 0\r\n"), 400},
      {"ContentLengthTab", with_headers("Content-Length:\t3\r\n"), 400},
      {"BodyOfTenGigabytes", with_headers("Content-Length: 10000000000\r\n"), 413},
  };
}

std::vector<BadCase> bad_fields() {
  return {
      {"BareLineFeedAfterRequestLine", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"BareLineFeedAfterHeader", with_headers("A: 1\nB: 2\r\n"), 400},
      {"BareLineFeedAtEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"BareReturnInValue", with_headers("A: 1\rB: 2\r\n"), 400},
      {"BareReturnAtEnd", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400},
      {"NulInValue",
       with_headers("A: 1\0"s
                    "2\r\n"),
       400},
      {"NulInName",
       with_headers("A\0"s
                    "B: 2\r\n"),
       400},
      {"EscapeInValue", with_headers("A: \x1b[31m\r\n"), 400},
      {"DeleteInValue", with_headers("A: \x7f\r\n"), 400},
      {"FoldedBySpace", with_headers("A: 1\r\n 2\r\n"), 400},
      {"FoldedByTab", with_headers("A: 1\r\n\t2\r\n"), 400},
      {"FoldedFirstHeader", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"EmptyName", with_headers(": 1\r\n"), 400},
      {"NameInBrackets", with_headers("A(b): 1\r\n"), 400},
      {"NameAboveAscii", with_headers("\xc3\x84: 1\r\n"), 400},
      {"NoColon", with_headers("Nonsense\r\n"), 400},
      {"NoHost", "GET / HTTP/1.1\r\nA: b\r\n\r\n", 400},
      {"NoHeaderAtAll", "GET / HTTP/1.1\r\n\r\n", 400},
      {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"HostWithBadPort", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400},
      {"HostWithUser", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
      {"HostOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
  };
}

std::vector<BadCase> bad_request_lines() {
  return {
      {"AbsoluteTarget", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"AuthorityTarget", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"AsteriskTarget", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"FragmentInTarget", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"ControlInTarget", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"RawUtf8InTarget", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TabForSpace", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"EmptyLineFirst", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"LowerCaseMethod", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"HugeHeader", with_headers("A: " + std::string(64 * 1024, 'a')), 431},
      {"TwoThousandHeaders", with_headers(many_headers(2000)), 431},
      {"LongTarget", "GET /" + std::string(9000, 'a'), 414},
      {"Http09", "GET /\r\n\r\n", 400},
      {"Http99", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"Http12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"VersionOfOtherProtocol", "GET / RTSP/1.0\r\nHost: a\r\n\r\n", 400},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"TlsClientHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"GetWithBody", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"UnknownExpectation", with_headers("Expect: 200-ok\r\n"), 417},
      {"UpgradeToH2c", with_headers("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"),
       501},
  };
}

std::vector<BadCase> bad_chunks() {
  return {
      {"ChunkSizeMissing", chunks("\r\nabc\r\n"), 400},
      {"ChunkSizeOverflow", chunks("FFFFFFFFFFFFFFFFF\r\n"), 400},
      {"ChunkSizeAboveLimit", chunks("FFFFFFFF\r\n"), 413},
      {"ChunkSizeSigned", chunks("+3\r\nabc\r\n"), 400},
      {"ChunkSizePrefixed", chunks("0x3\r\nabc\r\n"), 400},
      {"ChunkSizeThenSpace", chunks("3 \r\nabc\r\n"), 400},
      {"ChunkSizeBareLineFeed", chunks("3\nabc\r\n"), 400},
      {"ChunkSizeBareReturn", chunks("3\rXabc\r\n"), 400},
      {"ChunkExtensionTooLong", chunks("3;" + std::string(5 * 1024 * 1024, 'a')), 400},
      {"ChunkExtensionLineFeed", chunks("3;a\nbc\r\nabc\r\n"), 400},
      {"ChunkExtensionNul",
       chunks("3;\0"s
              "\r\nabc\r\n"),
       400},
      {"NoReturnAfterChunk", chunks("3\r\nabcX\r\n"), 400},
      {"NoLineFeedAfterChunk", chunks("3\r\nabc\rX"), 400},
      {"TrailerHost", chunks("0\r\nHost: b\r\n\r\n"), 400},
      {"TrailerAuthorization", chunks("0\r\nauthorization: AWS4\r\n\r\n"), 400},
      {"TrailerContentLength", chunks("0\r\nContent-Length: 3\r\n\r\n"), 400},
      {"TrailerFolded", chunks("0\r\nA: 1\r\n 2\r\n\r\n"), 400},
      {"TrailerBareLineFeed", chunks("0\r\nA: 1\n\r\n"), 400},
      {"TrailersTooLarge", chunks("0\r\nA: " + std::string(8 * 1024, 'a')), 400},
      {"LastChunkBareLineFeed", chunks("0\r\n\n"), 400},
  };
}

class BadFraming : public testing::TestWithParam<BadCase> {};

TEST_P(BadFraming, IsRefusedHoweverItsBytesArrive) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, GetParam().bytes.size()}) {
    RequestParser parser(kLimits);
    feed_in_steps(parser, GetParam().bytes, step);
    ASSERT_EQ(parser.state(), State::kRefused) << step;
    EXPECT_EQ(parser.refusal().status, GetParam().status) << parser.refusal().reason;
    EXPECT_FALSE(parser.keep_alive());
    EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0u);
  }
}

std::string name_of(const testing::TestParamInfo<BadCase>& bad) { return bad.param.name; }

INSTANTIATE_TEST_SUITE_P(Length, BadFraming, testing::ValuesIn(bad_lengths()), name_of);
INSTANTIATE_TEST_SUITE_P(Field, BadFraming, testing::ValuesIn(bad_fields()), name_of);
INSTANTIATE_TEST_SUITE_P(RequestLine, BadFraming, testing::ValuesIn(bad_request_lines()), name_of);
INSTANTIATE_TEST_SUITE_P(Chunk, BadFraming, testing::ValuesIn(bad_chunks()), name_of);

// Whatever one byte becomes, the parser answers the same for every split, and never crashes.
TEST(RequestParser, DamagedRequestsGetTheSameVerdictForEverySplit) {
  for (const std::string& original : {kSendMessage, kChunked}) {
    for (std::size_t i = 0; i < original.size(); ++i) {
      for (const char byte : {'\0', '\r', '\n', ' ', '\t', ':', ';', '9', '\x7f', '\xff'}) {
        std::string bytes = original;
        bytes[i] = byte;
        RequestParser whole(kLimits);
        RequestParser split(kLimits);
        feed_in_steps(whole, bytes, bytes.size());
        feed_in_steps(split, bytes, 1);
        ASSERT_EQ(whole.state(), split.state()) << i;
        ASSERT_EQ(whole.refusal().status, split.refusal().status) << i;
        if (whole.state() != State::kComplete) continue;
        ASSERT_EQ(whole.take().body, split.take().body) << i;
      }
    }
  }
}

}  // namespace
}  // namespace headrace::runtime
