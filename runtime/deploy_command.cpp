#include "runtime/deploy_command.hpp"

#include "base/codec.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "runtime/function_pages.hpp"

namespace headrace::runtime {

namespace {

constexpr std::size_t kReasonBytesMax = std::size_t{16} << 10;  // the linker's words and more

std::string error_line(std::string_view text) {
  std::string line;
  JsonWriter(line).begin_object().member("error", bounded_utf8(text, kReasonBytesMax)).end_object();
  return line;
}

std::string text_of(const JsonDocument& document, std::string_view name) {
  const auto value = document.root().find(name);
  return std::string(value ? value->as_string().value_or("") : "");
}

}  // namespace

boost::asio::awaitable<std::string> answer_deploy_command(Deployments& deployments,
                                                          std::string line) {
  const Result<JsonDocument> document = JsonDocument::parse(line);
  if (!document) co_return error_line(document.error().message);
  const std::string artifact = text_of(*document, "artifact");
  // The server's folder is not the one of who asks.
  if (!artifact.starts_with('/')) co_return error_line("artifact must be an absolute path");
  const Result<FunctionVersion> version =
      co_await deployments.deploy(text_of(*document, "function"), artifact);
  if (!version) co_return error_line(version.error().message);
  co_return render_version(*version);
}

}  // namespace headrace::runtime
