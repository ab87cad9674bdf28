#include "runtime/auth/sigv4.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include <openssl/crypto.h>

#include "base/check.hpp"

namespace headrace::runtime {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kScopeEnd = "aws4_request";
constexpr std::size_t kAccessKeyIdLengthMax = 128;  // AWS's limit
constexpr std::size_t kScopePartLengthMax = 64;
constexpr std::size_t kSignedHeadersLengthMax = 4096;
constexpr std::int64_t kExpiresSecondsMax = 604'800;  // a week, as on AWS

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool is_part(std::string_view text, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), is_unreserved);
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<CredentialScope> parse_scope(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 5 || parts[4] != kScopeEnd) return std::nullopt;
  if (!is_part(parts[0], kAccessKeyIdLengthMax)) return std::nullopt;
  for (std::size_t i = 1; i < 4; ++i) {
    if (!is_part(parts[i], kScopePartLengthMax)) return std::nullopt;
  }
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

// Lower-case names in order, each once, with all that must be signed among them.
bool signs_what_it_must(const HttpRequest& request, std::string_view signed_headers) {
  if (signed_headers.empty() || signed_headers.size() > kSignedHeadersLengthMax) return false;
  const auto names = split(signed_headers, ';');
  const bool ordered = std::adjacent_find(names.begin(), names.end(),
                                          [](auto a, auto b) { return a >= b; }) == names.end();
  const auto is_signed = [&names](std::string_view name) {
    return std::binary_search(names.begin(), names.end(), name);
  };
  if (!ordered || !is_signed("host")) return false;
  return std::all_of(request.headers.begin(), request.headers.end(),
                     [&](const HttpHeaderView& header) {
                       return !header.name.starts_with("x-amz-") || is_signed(header.name);
                     });
}

// The members of a claim as text, wherever they stood.
struct ClaimTexts {
  std::optional<std::string> credential, signed_headers, signature, timestamp, expires;
};

std::optional<SignatureClaim> check(const HttpRequest& request, const ClaimTexts& texts) {
  if (!texts.credential || !texts.signed_headers || !texts.signature || !texts.timestamp) {
    return std::nullopt;
  }
  auto scope = parse_scope(*texts.credential);
  const auto signature = parse_signature(*texts.signature);
  const auto signed_at = parse_timestamp(*texts.timestamp);
  if (!scope || !signature || !signed_at) return std::nullopt;
  if (scope->date != texts.timestamp->substr(0, 8)) return std::nullopt;
  if (!signs_what_it_must(request, *texts.signed_headers)) return std::nullopt;
  SignatureClaim claim{std::move(*scope), *texts.signed_headers, *signature, *texts.timestamp,
                       *signed_at,        std::nullopt};
  if (!texts.expires) return claim;
  const std::string& expires = *texts.expires;
  std::int64_t seconds = 0;
  const auto [end, ec] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  if (ec != std::errc{} || end != expires.data() + expires.size()) return std::nullopt;
  if (seconds < 1 || seconds > kExpiresSecondsMax) return std::nullopt;
  claim.expires = std::chrono::seconds(seconds);
  return claim;
}

// False when it is given twice.
bool set_once(std::optional<std::string>& member, std::string value) {
  if (member) return false;
  member = std::move(value);
  return true;
}

// "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", with or without the spaces.
std::optional<ClaimTexts> parse_authorization(std::string_view text) {
  if (!text.starts_with(kAlgorithm)) return std::nullopt;
  text.remove_prefix(kAlgorithm.size());
  if (!text.starts_with(' ')) return std::nullopt;
  ClaimTexts texts;
  for (std::string_view part : split(text, ',')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = part.substr(0, equals);
    std::string value(part.substr(equals + 1));
    bool fits = false;
    if (name == "Credential") fits = set_once(texts.credential, std::move(value));
    if (name == "SignedHeaders") fits = set_once(texts.signed_headers, std::move(value));
    if (name == "Signature") fits = set_once(texts.signature, std::move(value));
    if (!fits) return std::nullopt;
  }
  return texts;
}

using QueryPair = std::pair<std::string, std::string>;  // decoded

// A plus is a space, as it is for who reads the parameters afterwards.
std::optional<std::vector<QueryPair>> parse_query(std::string_view query) {
  std::vector<QueryPair> pairs;
  if (query.empty()) return pairs;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), Plus::kIsSpace);
    const bool has_value = equals != std::string_view::npos;
    auto value = percent_decode(has_value ? part.substr(equals + 1) : "", Plus::kIsSpace);
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

bool is_presigned(const std::vector<QueryPair>& pairs) {
  return std::any_of(pairs.begin(), pairs.end(), [](const QueryPair& pair) {
    return pair.first == "X-Amz-Signature" || pair.first == "X-Amz-Credential";
  });
}

std::optional<ClaimTexts> parse_presigned(const std::vector<QueryPair>& pairs) {
  ClaimTexts texts;
  bool algorithm = false;
  for (const auto& [name, value] : pairs) {
    bool fits = true;
    if (name == "X-Amz-Algorithm") {
      fits = !std::exchange(algorithm, true) && value == kAlgorithm;
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
    if (!fits) return std::nullopt;
  }
  if (!algorithm || !texts.expires) return std::nullopt;
  return texts;
}

// Without dot segments and doubled slashes, and escaped once more than it came: what every service
// but S3 signs.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    append_encoded(out, segment);
  }
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

std::string canonical_query(const std::vector<QueryPair>& pairs) {
  std::vector<QueryPair> encoded;
  for (const auto& [name, value] : pairs) {
    if (name == "X-Amz-Signature") continue;
    QueryPair pair;
    append_encoded(pair.first, name);
    append_encoded(pair.second, value);
    encoded.push_back(std::move(pair));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

// Trimmed, with single spaces inside.
void append_folded(std::string& out, std::string_view value) {
  bool gap = false;
  bool begun = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      gap = begun;
      continue;
    }
    if (std::exchange(gap, false)) out += ' ';
    out += c;
    begun = true;
  }
}

// "host:localhost:4566\n..."; nothing when one is missing.
std::optional<std::string> canonical_headers(const HttpRequest& request,
                                             std::string_view signed_headers) {
  std::string out;
  for (const std::string_view name : split(signed_headers, ';')) {
    out.append(name).append(":");
    bool found = false;
    for (const HttpHeaderView& header : request.headers) {
      if (header.name != name) continue;
      if (std::exchange(found, true)) out += ',';
      append_folded(out, header.value);
    }
    if (!found) return std::nullopt;
    out += '\n';
  }
  return out;
}

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string scope_text(const CredentialScope& scope) {
  std::string text = scope.date;
  text.append("/").append(scope.region).append("/").append(scope.service);
  text.append("/").append(kScopeEnd);
  return text;
}

}  // namespace

ReadClaim read_claim(const HttpRequest& request) {
  const auto authorizations =
      std::count_if(request.headers.begin(), request.headers.end(),
                    [](const HttpHeaderView& header) { return header.name == "authorization"; });
  const auto query = parse_query(request.query);
  const bool presigned = query && is_presigned(*query);
  if (authorizations == 0 && !presigned) {
    return {query ? ClaimKind::kNone : ClaimKind::kBroken, {}};
  }
  if (!query || authorizations + (presigned ? 1 : 0) > 1) return {ClaimKind::kBroken, {}};
  auto texts =
      presigned ? parse_presigned(*query) : parse_authorization(request.header("authorization"));
  if (!texts) return {ClaimKind::kBroken, {}};
  if (!presigned) texts->timestamp = std::string(request.header("x-amz-date"));
  auto claim = check(request, *texts);
  if (!claim) return {ClaimKind::kBroken, {}};
  return {ClaimKind::kWhole, std::move(*claim)};
}

std::optional<std::string> string_to_sign(const HttpRequest& request, const SignatureClaim& claim) {
  const auto query = parse_query(request.query);
  const auto headers = canonical_headers(request, claim.signed_headers);
  if (!query || !headers) return std::nullopt;
  std::string canonical(request.method);
  canonical.append("\n").append(canonical_path(request.path));
  canonical.append("\n").append(canonical_query(*query));
  canonical.append("\n").append(*headers);
  canonical.append("\n").append(claim.signed_headers);
  canonical.append("\n").append(hex(sha256(request.body)));
  std::string out(kAlgorithm);
  out.append("\n").append(claim.timestamp);
  out.append("\n").append(scope_text(claim.scope));
  out.append("\n").append(hex(sha256(canonical)));
  return out;
}

Sha256 signing_key(std::string_view secret, const CredentialScope& scope) {
  const Sha256 date = hmac_sha256("AWS4" + std::string(secret), scope.date);
  const Sha256 region = hmac_sha256(bytes_of(date), scope.region);
  const Sha256 service = hmac_sha256(bytes_of(region), scope.service);
  return hmac_sha256(bytes_of(service), kScopeEnd);
}

Sha256 sign(const Sha256& key, std::string_view string_to_sign) {
  return hmac_sha256(bytes_of(key), string_to_sign);
}

std::string authorization(const HttpRequest& request, std::string_view secret,
                          const CredentialScope& scope) {
  SignatureClaim claim;
  claim.scope = scope;
  claim.timestamp = std::string(request.header("x-amz-date"));
  std::vector<std::string_view> names;
  for (const HttpHeaderView& header : request.headers) names.push_back(header.name);
  std::sort(names.begin(), names.end());
  for (const std::string_view name : names) {
    if (!claim.signed_headers.empty()) claim.signed_headers += ';';
    claim.signed_headers += name;
  }
  const auto text = string_to_sign(request, claim);
  HR_CHECK(text.has_value());
  std::string out(kAlgorithm);
  out.append(" Credential=").append(scope.access_key_id).append("/").append(scope_text(scope));
  out.append(", SignedHeaders=").append(claim.signed_headers);
  out.append(", Signature=").append(hex(sign(signing_key(secret, scope), *text)));
  return out;
}

bool same_signature(const Sha256& a, const Sha256& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
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
