// HTTP as plain values, between the server that speaks it and the handlers that answer it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"

namespace headrace {

struct HttpHeaderView {
  std::string_view name;  // lower case
  std::string_view value;
};

// Never a header: whoever wants one asks for it by this name.
struct HttpTrailer {
  std::string name;  // lower case
  std::string value;
};

// Who sent a request, proven by a signature.
struct HttpIdentity {
  std::string access_key_id;
  std::string account;  // whose queues are his
  std::string region;   // that he signed for; empty: the server's own
};

// One request, checked by the server: framing, sizes, a single Host, the browser guard. The views
// point into `head`, which does not move when the request does.
struct HttpRequest {
  std::unique_ptr<std::string> head;
  std::string_view method;
  std::string_view path;   // up to '?', undecoded
  std::string_view query;  // after '?', undecoded; empty when there is none
  std::vector<HttpHeaderView> headers;
  std::string body;
  std::vector<HttpTrailer> trailers;     // after a chunked body
  std::optional<HttpIdentity> identity;  // none when nothing was proven

  // The first header of that lower-case name; empty when there is none.
  std::string_view header(std::string_view name) const {
    for (const HttpHeaderView& h : headers) {
      if (h.name == name) return h.value;
    }
    return {};
  }

  // The first trailer of that lower-case name; empty when there is none.
  std::string_view trailer(std::string_view name) const {
    for (const HttpTrailer& t : trailers) {
      if (t.name == name) return t.value;
    }
    return {};
  }
};

// ASCII only, as names in HTTP and DNS are.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Its Content-Type without parameters, as it was sent: case means nothing in it (RFC 9110 8.3.1).
std::string_view media_type_of(const HttpRequest& request);

struct HttpResponse {
  int status = 200;
  std::string content_type;  // no Content-Type when empty
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Answers requests. A handler that waits for long (a long poll) parks with a hook on
// `cancellation`, which the server requests when the client is gone; the answer is then dropped.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                                      Cancellation& cancellation) = 0;

  // The answer to a request whose head alone says that it will be refused; asked before a body is
  // waited for, on any loop.
  virtual std::optional<HttpResponse> turn_away(const HttpRequest& head) {
    static_cast<void>(head);
    return std::nullopt;
  }
};

}  // namespace headrace
