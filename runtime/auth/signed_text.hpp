// The pieces of text that reading a signature and making one share. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headrace::runtime {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kScopeEnd = "aws4_request";

// What stands in a URL as it is (RFC 3986 2.3).
bool is_unreserved(char c);

// The empty text is one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

using QueryPair = std::pair<std::string, std::string>;  // decoded

// Nothing when it is escaped badly.
std::optional<std::vector<QueryPair>> parse_query(std::string_view query);

}  // namespace headrace::runtime
