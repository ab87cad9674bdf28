// Who calls, as far as it is known without verifying signatures, and how queues are named to him.
// All of it comes from headers a caller may forge: it selects queues, it grants nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "queue/message.hpp"

namespace headrace::queue::sqs {

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
};

Caller caller_of(const HttpRequest& request, const SqsConfig& config);

// "http://localhost:4566/000000000000/signup"
std::string to_queue_url(const Caller& caller, const QueueAddress& address);

// The queue a caller means: any URL whose path ends in /<account>/<name> or /<name>, or a bare name
// (spec 2.4). Its 12-digit account wins over the caller's. Nothing when no name is left.
std::optional<QueueAddress> parse_queue_url(std::string_view url, const Caller& caller);

// True for the path of a URL that ends in /<account>/<name>.
bool is_queue_path(std::string_view path);

}  // namespace headrace::queue::sqs
