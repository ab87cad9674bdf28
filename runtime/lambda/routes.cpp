#include "runtime/lambda/routes.hpp"

#include <algorithm>
#include <utility>

#include "base/codec.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::string_view kAnySegment = "*";

// "/a/b/" has two segments, as "/a/b" has.
std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0 || end < path.size()) segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

// What stands for the stars; nothing when the path is another one.
std::optional<std::vector<std::string>> match_segments(const std::vector<std::string>& pattern,
                                                       const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::vector<std::string> stars;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    auto segment = percent_decode(path[i], Plus::kLiteral);
    if (!segment) return std::nullopt;
    if (pattern[i] == kAnySegment) {
      stars.push_back(std::move(*segment));
    } else if (pattern[i] != *segment) {
      return std::nullopt;
    }
  }
  return stars;
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, Run run) {
  const std::vector<std::string_view> segments = split_path(pattern);
  routes_.push_back({std::string(method), {segments.begin(), segments.end()}, std::move(run)});
}

std::optional<Routes::Match> Routes::find(std::string_view method, std::string_view path) const {
  const std::vector<std::string_view> segments = split_path(path);
  for (const Route& route : routes_) {
    if (route.method != method) continue;
    auto stars = match_segments(route.segments, segments);
    if (stars) return Match{&route.run, std::move(*stars)};
  }
  return std::nullopt;
}

const std::vector<std::string>& api_roots() {
  static const std::vector<std::string> all = {
      "/2014-11-13", "/2015-03-31", "/2016-08-19", "/2017-03-31", "/2017-10-31", "/2018-10-31",
      "/2019-09-25", "/2019-09-30", "/2020-04-22", "/2020-06-30", "/2021-07-20", "/2021-10-31",
      "/2021-11-15", "/2024-08-31", "/2025-11-30", "/2025-12-01"};
  return all;
}

bool is_api_path(std::string_view path) {
  return std::any_of(api_roots().begin(), api_roots().end(), [path](const std::string& root) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
  });
}

std::optional<std::map<std::string, std::string>> read_query(std::string_view query) {
  std::map<std::string, std::string> parameters;
  for (;;) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    auto name = percent_decode(pair.substr(0, equals), Plus::kIsSpace);
    auto value = percent_decode(has_value ? pair.substr(equals + 1) : "", Plus::kIsSpace);
    if (!name || !value) return std::nullopt;
    if (!pair.empty()) parameters.emplace(std::move(*name), std::move(*value));
    if (end == std::string_view::npos) return parameters;
    query.remove_prefix(end + 1);
  }
}

}  // namespace headrace::runtime::lambda
