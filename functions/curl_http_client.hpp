// HttpClient with libcurl's multi interface, driven by the loop. Connections are kept alive.
//
// Follows no redirect, reads no proxy or credentials from the environment, speaks http and https
// only, and never connects to a link-local or metadata address, whatever a name resolves to. All
// posts have ended before it is destroyed.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "functions/http_client.hpp"

namespace headrace::functions {

inline constexpr Duration kHttpConnectTimeMax = std::chrono::seconds(5);
inline constexpr std::size_t kHttpHeaderBytesMax = 64U << 10U;  // of a reply, 1xx included

std::unique_ptr<HttpClient> make_curl_http_client(boost::asio::io_context& loop, Clock& clock);

// True for addresses no function lives at: link-local (where clouds keep credentials), multicast,
// unspecified, broadcast; also as IPv4 inside IPv6. `address` is a sockaddr of that family.
bool is_forbidden_address(int family, const void* address);

}  // namespace headrace::functions
