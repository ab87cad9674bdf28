#include "queue/sqs/caller.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "queue/limits.hpp"
#include "queue/sqs/message_rules.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::size_t kAccessKeyIdLengthMax = 128;
constexpr std::size_t kRegionLengthMax = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// What stands between `key` and the next of `ends`; empty when `key` is not there.
std::string_view value_after(std::string_view text, std::string_view key, std::string_view ends) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find_first_of(ends));
}

// "AKID/20260102/us-east-1/sqs/aws4_request", from the header or a presigned query; empty when the
// request is not signed.
std::string credential_of(const HttpRequest& request) {
  const auto header = value_after(request.header("authorization"), "Credential=", ", ");
  if (!header.empty()) return std::string(header);
  const auto query = value_after(request.query, "X-Amz-Credential=", "&");
  return percent_decode(query, Plus::kLiteral).value_or(std::string());
}

std::string_view take_segment(std::string_view& text) {
  const std::size_t slash = text.find('/');
  const std::string_view segment = text.substr(0, slash);
  text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
  return segment;
}

std::string_view take_last_segment(std::string_view& path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  const std::string_view segment = path.substr(begin);
  path = path.substr(0, begin);
  return segment;
}

void take_identity(Caller& caller, const HttpIdentity& identity) {
  if (!identity.region.empty()) caller.region = identity.region;
  caller.account = identity.account;
  caller.sender_id = identity.access_key_id;
  caller.confined = true;
}

void take_claimed_scope(Caller& caller, std::string_view scope) {
  const std::string_view access_key_id = take_segment(scope);
  take_segment(scope);  // the date
  const std::string_view region = take_segment(scope);
  if (is_region(region)) caller.region = region;
  if (is_account(access_key_id)) caller.account = access_key_id;
  caller.sender_id = is_access_key_id(access_key_id) ? std::string(access_key_id) : caller.account;
}

}  // namespace

bool is_account(std::string_view text) {
  return text.size() == kAccountLength && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_access_key_id(std::string_view text) {
  return !text.empty() && text.size() <= kAccessKeyIdLengthMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || is_lower(c) || is_upper(c) || c == '_' || c == '-';
         });
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kRegionLengthMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || is_lower(c) || c == '-'; });
}

Caller caller_of(const HttpRequest& request, const SqsConfig& config) {
  Caller caller{.region = config.region,
                .account = config.account,
                .sender_id = {},
                .trace_header = {},
                .endpoint = config.public_url};
  if (request.identity) {
    take_identity(caller, *request.identity);
  } else {
    take_claimed_scope(caller, credential_of(request));
  }

  const std::string_view trace = request.header("x-amzn-trace-id");
  if (valid_utf8(trace) && has_allowed_characters(trace)) caller.trace_header = trace;
  while (caller.endpoint.ends_with('/')) caller.endpoint.pop_back();
  if (caller.endpoint.empty()) caller.endpoint.append("http://").append(request.header("host"));
  return caller;
}

std::string to_queue_url(const Caller& caller, const QueueAddress& address) {
  std::string url;
  url.reserve(caller.endpoint.size() + address.account.size() + address.name.size() + 2);
  url.append(caller.endpoint).append("/").append(address.account).append("/").append(address.name);
  return url;
}

std::optional<QueueAddress> parse_queue_url(std::string_view url, const Caller& caller) {
  constexpr std::string_view kSchemeEnd = "://";
  std::string_view path = url;
  if (const std::size_t scheme = url.find(kSchemeEnd); scheme != std::string_view::npos) {
    path = url.substr(scheme + kSchemeEnd.size());
    const std::size_t slash = path.find('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  const std::string_view name = take_last_segment(path);
  if (name.empty()) return std::nullopt;
  const std::string_view account = take_last_segment(path);
  return QueueAddress{caller.region, is_account(account) ? std::string(account) : caller.account,
                      std::string(name)};
}

Status require_account(const Caller& caller, const std::string& account,
                       const std::string& resource) {
  if (!caller.confined || account == caller.account) return {};
  return Error{ErrorCode::kAccessDenied,
               "Access to the resource " + bounded_utf8(resource, kShownBytesMax) + " is denied."};
}

bool is_queue_path(std::string_view path) {
  const std::string_view name = take_last_segment(path);
  return !name.empty() && is_account(take_last_segment(path));
}

}  // namespace headrace::queue::sqs
