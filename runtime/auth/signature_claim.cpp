#include "runtime/auth/signature_claim.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "runtime/auth/signed_text.hpp"

namespace headrace::runtime {

namespace {

constexpr std::size_t kAccessKeyIdLengthMax = 128;  // AWS's limit
constexpr std::size_t kScopePartLengthMax = 64;
constexpr std::size_t kSignedHeadersLengthMax = 4096;
constexpr std::int64_t kExpiresSecondsMax = 604'800;  // a week, as on AWS
constexpr std::size_t kQuotedLengthMax = 200;         // of a claim's part, in an answer

bool is_part(std::string_view text, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), is_unreserved);
}

Error broken(std::string problem) { return {ErrorCode::kInvalid, std::move(problem)}; }

// What a stranger sent, fit for an answer.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kQuotedLengthMax)) out += c > ' ' && c < 0x7f ? c : '?';
  out += text.size() > kQuotedLengthMax ? "...'" : "'";
  return out;
}

Result<CredentialScope> parse_scope(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 5) {
    return broken(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got " +
        quoted(text));
  }
  if (parts[4] != kScopeEnd) {
    return broken("Credential should be scoped with a valid terminator: 'aws4_request', not " +
                  quoted(parts[4]) + ".");
  }
  bool valid = is_part(parts[0], kAccessKeyIdLengthMax);
  for (std::size_t i = 1; i < 4; ++i) valid = valid && is_part(parts[i], kScopePartLengthMax);
  if (!valid)
    return broken("Credential has an element that is empty, too long or no such: " + quoted(text));
  return CredentialScope{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]),
                         std::string(parts[3])};
}

std::optional<Sha256> parse_signature(std::string_view text) {
  Sha256 bytes{};
  if (text.size() != 2 * bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    const bool lower =
        std::none_of(digits, digits + 2, [](char c) { return c >= 'A' && c <= 'F'; });
    const auto [end, ec] = std::from_chars(digits, digits + 2, bytes[i], 16);
    if (!lower || ec != std::errc{} || end != digits + 2) return std::nullopt;
  }
  return bytes;
}

// Nothing, or what is wrong with the names: lower-case, in order, each once, and all that must be
// signed among them.
std::string problem_of_signed_headers(const HttpRequest& request, std::string_view signed_headers) {
  const auto names = split(signed_headers, ';');
  const bool ordered = std::adjacent_find(names.begin(), names.end(),
                                          [](auto a, auto b) { return a >= b; }) == names.end();
  if (signed_headers.size() > kSignedHeadersLengthMax || !ordered) {
    return "SignedHeaders must be lower-case names in order, each once, with ';' between them.";
  }
  const auto must_be_signed = [](std::string_view name) {
    return quoted(name) + " must be a 'SignedHeader' in the AWS Authorization.";
  };
  const auto is_signed = [&names](std::string_view name) {
    return std::binary_search(names.begin(), names.end(), name);
  };
  if (!is_signed("host")) return must_be_signed("Host");
  for (const HttpHeaderView& header : request.headers) {
    const bool must = header.name.starts_with("x-amz-");
    if (must && !is_signed(header.name)) return must_be_signed(header.name);
  }
  return {};
}

// The members of a claim as text, wherever they stood.
struct ClaimTexts {
  std::optional<std::string> credential, signed_headers, signature, timestamp, expires;
};

// Each of those that are not there, in AWS's order.
std::string missing_from_header(const ClaimTexts& texts) {
  std::string missing;
  const auto require = [&missing](bool given, std::string_view what) {
    if (given) return;
    if (!missing.empty()) missing += ' ';
    missing.append("Authorization header requires ").append(what);
  };
  require(texts.credential.has_value(), "'Credential' parameter.");
  require(texts.signature.has_value(), "'Signature' parameter.");
  require(texts.signed_headers.has_value(), "'SignedHeaders' parameter.");
  require(texts.timestamp.has_value(), "existence of an 'X-Amz-Date' header.");
  return missing;
}

std::string missing_from_query(const ClaimTexts& texts, bool algorithm) {
  std::string missing;
  const auto require = [&missing](bool given, std::string_view name) {
    if (given) return;
    missing.append("AWS query-string parameters must include '").append(name).append("'. ");
  };
  require(algorithm, "X-Amz-Algorithm");
  require(texts.credential.has_value(), "X-Amz-Credential");
  require(texts.signature.has_value(), "X-Amz-Signature");
  require(texts.signed_headers.has_value(), "X-Amz-SignedHeaders");
  require(texts.timestamp.has_value(), "X-Amz-Date");
  require(texts.expires.has_value(), "X-Amz-Expires");
  if (!missing.empty()) missing += "Re-examine the query-string parameters.";
  return missing;
}

Result<Duration> parse_expires(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = ec == std::errc{} && end == text.data() + text.size();
  if (!number || seconds < 1 || seconds > kExpiresSecondsMax) {
    return broken(
        "X-Amz-Expires must be a number of seconds, at least 1 and at most a week, 604800.");
  }
  return std::chrono::seconds(seconds);
}

// Of members that are all there.
Result<SignatureClaim> check(const HttpRequest& request, const ClaimTexts& texts) {
  auto scope = parse_scope(*texts.credential);
  if (!scope) return scope.error();
  const auto signature = parse_signature(*texts.signature);
  if (!signature) return broken("Signature must be 64 digits of lower-case hexadecimal.");
  const auto signed_at = parse_timestamp(*texts.timestamp);
  if (!signed_at) {
    return broken("Date must be in ISO-8601 'basic format'. Got " + quoted(*texts.timestamp) + ".");
  }
  const std::string day = texts.timestamp->substr(0, 8);
  if (scope->date != day) {
    return broken(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: " +
        quoted(scope->date) + " != " + quoted(day) + ", from " + quoted(*texts.timestamp) + ".");
  }
  std::string problem = problem_of_signed_headers(request, *texts.signed_headers);
  if (!problem.empty()) return broken(std::move(problem));
  SignatureClaim claim{std::move(*scope), *texts.signed_headers, *signature, *texts.timestamp,
                       *signed_at,        std::nullopt};
  if (texts.expires) {
    const auto expires = parse_expires(*texts.expires);
    if (!expires) return expires.error();
    claim.expires = *expires;
  }
  return claim;
}

// False when it is given twice.
bool set_once(std::optional<std::string>& member, std::string value) {
  if (member) return false;
  member = std::move(value);
  return true;
}

// "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", with or without the spaces.
Result<ClaimTexts> parse_authorization(const HttpRequest& request) {
  std::string_view text = request.header("authorization");
  const std::string_view algorithm = text.substr(0, text.find(' '));
  if (algorithm != kAlgorithm) {
    return broken("Unsupported AWS 'algorithm': " + quoted(algorithm) +
                  "; AWS4-HMAC-SHA256 is supported.");
  }
  text.remove_prefix(algorithm.size());
  ClaimTexts texts;
  const std::string_view timestamp = request.header("x-amz-date");
  if (!timestamp.empty()) texts.timestamp = std::string(timestamp);
  for (std::string_view part : split(text, ',')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return broken(quoted(part) +
                    " not a valid key=value pair (missing equal-sign) in "
                    "Authorization header.");
    }
    const std::string_view name = part.substr(0, equals);
    std::string value(part.substr(equals + 1));
    bool fits = false;
    if (name == "Credential") fits = set_once(texts.credential, std::move(value));
    if (name == "SignedHeaders") fits = set_once(texts.signed_headers, std::move(value));
    if (name == "Signature") fits = set_once(texts.signature, std::move(value));
    if (!fits)
      return broken(quoted(name) + " is given twice, or unknown, in Authorization header.");
  }
  std::string missing = missing_from_header(texts);
  if (!missing.empty()) return broken(std::move(missing));
  return texts;
}

bool is_presigned(const std::vector<QueryPair>& pairs) {
  return std::any_of(pairs.begin(), pairs.end(), [](const QueryPair& pair) {
    return pair.first == "X-Amz-Signature" || pair.first == "X-Amz-Credential";
  });
}

Result<ClaimTexts> parse_presigned(const std::vector<QueryPair>& pairs) {
  ClaimTexts texts;
  bool algorithm = false;
  for (const auto& [name, value] : pairs) {
    bool fits = true;
    if (name == "X-Amz-Algorithm") {
      if (value != kAlgorithm) {
        return broken("Unsupported AWS 'algorithm': " + quoted(value) +
                      "; AWS4-HMAC-SHA256 is supported.");
      }
      fits = !std::exchange(algorithm, true);
    } else if (name == "X-Amz-Credential") {
      fits = set_once(texts.credential, value);
    } else if (name == "X-Amz-SignedHeaders") {
      fits = set_once(texts.signed_headers, value);
    } else if (name == "X-Amz-Signature") {
      fits = set_once(texts.signature, value);
    } else if (name == "X-Amz-Date") {
      fits = set_once(texts.timestamp, value);
    } else if (name == "X-Amz-Expires") {
      fits = set_once(texts.expires, value);
    }
    if (!fits) return broken("The query-string parameter " + quoted(name) + " is given twice.");
  }
  std::string missing = missing_from_query(texts, algorithm);
  if (!missing.empty()) return broken(std::move(missing));
  return texts;
}

}  // namespace

ReadClaim read_claim(const HttpRequest& request) {
  const auto authorizations =
      std::count_if(request.headers.begin(), request.headers.end(),
                    [](const HttpHeaderView& header) { return header.name == "authorization"; });
  const auto query = parse_query(request.query);
  if (!query) return {ClaimKind::kBroken, {}, "The query string has an invalid escape."};
  const bool presigned = is_presigned(*query);
  if (authorizations == 0 && !presigned) return {};
  if (authorizations + (presigned ? 1 : 0) > 1) {
    return {ClaimKind::kBroken, {}, "The request is signed more than once."};
  }
  const auto texts = presigned ? parse_presigned(*query) : parse_authorization(request);
  if (!texts) return {ClaimKind::kBroken, {}, texts.error().message};
  auto claim = check(request, *texts);
  if (!claim) return {ClaimKind::kBroken, {}, claim.error().message};
  return {ClaimKind::kWhole, std::move(*claim), {}};
}

std::string to_timestamp(TimePoint time) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(time - day));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::optional<TimePoint> parse_timestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  bool digits = true;
  const auto number = [&](std::size_t from, std::size_t size) {
    unsigned value = 0;
    for (const char c : text.substr(from, size)) {
      digits = digits && c >= '0' && c <= '9';
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(number(0, 4))),
                                         std::chrono::month(number(4, 2)),
                                         std::chrono::day(number(6, 2)));
  const unsigned hour = number(9, 2);
  const unsigned minute = number(11, 2);
  const unsigned second = number(13, 2);
  if (!digits || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace headrace::runtime
