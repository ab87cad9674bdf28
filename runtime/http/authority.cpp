#include "runtime/http/authority.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace headrace::runtime {
namespace {

constexpr std::size_t kNameBytesMax = 253;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_name_byte(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax) return false;
  if (name.front() == '.' || name.back() == '.') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), is_name_byte);
}

bool is_ipv4(std::string_view host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address_v4(std::string(host), ec);
  return !ec;
}

bool is_ipv6(std::string_view host) {
  if (host.find('%') != std::string_view::npos) return false;  // a zone means nothing elsewhere
  boost::system::error_code ec;
  boost::asio::ip::make_address_v6(std::string(host), ec);
  return !ec;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<Authority> parse_ipv6(std::string_view text) {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  Authority authority{HostKind::kIpv6, text.substr(1, close - 1), 0};
  if (!is_ipv6(authority.host)) return std::nullopt;
  const std::string_view rest = text.substr(close + 1);
  if (rest.empty()) return authority;
  if (rest.front() != ':') return std::nullopt;
  const std::optional<std::uint16_t> port = parse_port(rest.substr(1));
  if (!port) return std::nullopt;
  authority.port = *port;
  return authority;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  if (text.starts_with('[')) return parse_ipv6(text);
  Authority authority;
  const std::size_t colon = text.find(':');
  authority.host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;
    authority.port = *port;
  }
  if (authority.host.ends_with('.')) authority.host.remove_suffix(1);
  if (!is_name(authority.host)) return std::nullopt;
  const bool numeric = authority.host.front() >= '0' && authority.host.front() <= '9';
  if (numeric && is_ipv4(authority.host)) authority.kind = HostKind::kIpv4;
  return authority;
}

}  // namespace headrace::runtime
