// Who calls, and how queues are named to him.
//
// Without a checked signature all of it comes from headers a caller may forge: it selects queues,
// it grants nothing. Who has proven who he is has the queues of his account, and no others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "queue/error.hpp"
#include "queue/message.hpp"

namespace headrace::queue::sqs {

// Of what a caller sent and an error repeats.
inline constexpr std::size_t kShownBytesMax = 256;

bool is_account(std::string_view text);        // 12 digits
bool is_access_key_id(std::string_view text);  // letters, digits, underscores, hyphens
bool is_region(std::string_view text);

struct SqsConfig {
  std::string public_url;  // "https://queues.example.com"; empty: http and the Host of the request
  std::string account = "000000000000";
  std::string region = "us-east-1";
};

struct Caller {
  std::string region;        // of the SigV4 scope, else the configured one
  std::string account;       // a 12-digit access key id, else the configured one
  std::string sender_id;     // the access key id, else the account
  std::string trace_header;  // X-Amzn-Trace-Id; empty when there is none
  std::string endpoint;      // "http://localhost:4566": where queue URLs begin
  bool confined = false;     // to his account
};

Caller caller_of(const HttpRequest& request, const SqsConfig& config);

// "http://localhost:4566/000000000000/signup"
std::string to_queue_url(const Caller& caller, const QueueAddress& address);

// The queue a caller means: any URL whose path ends in /<account>/<name> or /<name>, or a bare name
// (spec 2.4). Its 12-digit account wins over the caller's. Nothing when no name is left.
std::optional<QueueAddress> parse_queue_url(std::string_view url, const Caller& caller);

// AccessDenied when the caller is confined to another account. `resource` is how he named it.
Status require_account(const Caller& caller, const std::string& account,
                       const std::string& resource);

// True for the path of a URL that ends in /<account>/<name>.
bool is_queue_path(std::string_view path);

}  // namespace headrace::queue::sqs
