#include "queue/sqs/peek.hpp"

namespace headrace::queue::sqs {

std::optional<PeekPath> parse_peek_path(std::string_view path) {
  constexpr std::string_view kPath = "/_aws/sqs/messages";
  if (!path.starts_with(kPath)) return std::nullopt;
  path.remove_prefix(kPath.size());
  if (path.empty() || path == "/") return PeekPath();
  if (path.front() != '/') return std::nullopt;
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return PeekPath{path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace headrace::queue::sqs
