// ServerClient: calls a running headrace over HTTP, one call at a time, blocking. It signs with
// HEADRACE_ACCESS_KEY_ID and HEADRACE_SECRET_ACCESS_KEY, where the environment has them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "runtime/auth/credentials.hpp"

namespace headrace::runtime {

struct Endpoint {
  std::string url = "http://127.0.0.1:4566";
  std::string region;   // empty: the server's own
  std::string account;  // empty: the server's own
};

class ServerClient {
 public:
  // How long a call may take: a redrive of many messages; a long poll takes 20 s.
  static constexpr std::chrono::seconds kPatience{120};

  explicit ServerClient(Endpoint endpoint);

  // Each returns the server's JSON. When there is none it has said why on stderr, and exit_code()
  // is what the program ends with.
  // For actions of a queue there is: in the region asked for, not one of its name elsewhere, which
  // the server would take instead.
  std::optional<JsonDocument> sqs_of(const std::string& queue, std::string_view action,
                                     const std::string& body);
  std::optional<JsonDocument> sqs(std::string_view action, const std::string& body);
  std::optional<JsonDocument> get(const std::string& path_and_query);
  std::optional<JsonDocument> post(const std::string& path, const std::string& body,
                                   std::chrono::seconds patience = kPatience);

  int exit_code() const { return exit_code_; }
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Call;
  bool may_call_sqs();
  bool queue_is_there(const std::string& queue);
  void sign(Call& call) const;
  std::optional<JsonDocument> perform(Call call);

  Endpoint endpoint_;
  Result<std::optional<Credential>> credential_;  // an error is told by the first call
  int exit_code_ = 0;
};

}  // namespace headrace::runtime
