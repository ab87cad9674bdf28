// The host and port of a Host header or an Origin, parsed strictly. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headrace::runtime {

enum class HostKind { kName, kIpv4, kIpv6 };

struct Authority {
  HostKind kind = HostKind::kName;
  std::string_view host;   // without brackets, without one trailing dot; case as given
  std::uint16_t port = 0;  // 0 when none was given
};

// Nothing when the text is not `host`, `host:port`, or an IPv6 literal in brackets (RFC
// 3986 3.2.2): names of letters, digits, '-', '_' and '.', at most 253 characters, no empty label.
std::optional<Authority> parse_authority(std::string_view text);

}  // namespace headrace::runtime
