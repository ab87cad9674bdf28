#include "runtime/auth/sigv4.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <openssl/crypto.h>

#include "base/check.hpp"
#include "runtime/auth/signed_text.hpp"

namespace headrace::runtime {

namespace {

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

}  // namespace headrace::runtime
