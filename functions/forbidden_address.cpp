#include <algorithm>
#include <array>
#include <cstring>

#include <netinet/in.h>

#include "functions/curl_http_client.hpp"

namespace headrace::functions {

namespace {

bool is_forbidden_v4(std::uint32_t address) {
  const std::uint32_t first = address >> 24U;
  const bool this_host = first == 0;                   // 0.0.0.0/8
  const bool link_local = (address >> 16U) == 0xa9fe;  // 169.254.0.0/16
  const bool multicast_or_reserved = first >= 224;     // with 255.255.255.255
  return this_host || link_local || multicast_or_reserved;
}

bool is_forbidden_v6(const in6_addr& address) {
  // AWS keeps its IPv6 metadata service among unique local addresses.
  static constexpr std::array<std::uint8_t, 16> kMetadata = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0,
                                                             0,    0,    0,    0,    0, 0, 2, 0x54};
  if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address)) {
    const bool loopback = IN6_IS_ADDR_LOOPBACK(&address);
    std::uint32_t v4 = 0;
    std::memcpy(&v4, &address.s6_addr[12], sizeof v4);
    return !loopback && is_forbidden_v4(ntohl(v4));
  }
  const bool metadata = std::equal(kMetadata.begin(), kMetadata.end(), address.s6_addr);
  return metadata || IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MULTICAST(&address) ||
         IN6_IS_ADDR_UNSPECIFIED(&address);
}

}  // namespace

bool is_forbidden_address(int family, const void* address) {
  if (family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return is_forbidden_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    return is_forbidden_v6(v6.sin6_addr);
  }
  return true;
}

}  // namespace headrace::functions
