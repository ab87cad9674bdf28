// The seam to HTTP servers that are functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace headrace::functions {

struct HttpPost {
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  Duration timeout{};  // for everything, from the name look-up to the last byte
};

struct HttpReply {
  int status = 0;
  std::optional<Duration> retry_after;  // when the server named a number of seconds
  std::string body;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Any status is a reply. An error is kTimeout, or kUnavailable with what went wrong.
  virtual boost::asio::awaitable<Result<HttpReply>> post(HttpPost request) = 0;
};

}  // namespace headrace::functions
