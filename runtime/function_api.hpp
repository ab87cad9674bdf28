// FunctionApi: what can be asked of one function, as JSON under /_headrace/functions
// (docs/operations.md lists it).
//
// State loop only: the server reaches it through StateLoopHandler. Answers {"error": "..."} with
// 400, 404, 405, 409, 413, 415, 429 or 503 when it refuses. It takes no paths: what code a function
// runs is not for those to say who can only reach the port.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "base/offload.hpp"
#include "base/random.hpp"
#include "functions/function.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/function_pages.hpp"
#include "runtime/version_control.hpp"

namespace headrace::runtime {

class FunctionApi final : public HttpHandler {
 public:
  // All of it outlives the FunctionApi.
  struct Services {
    const FunctionTable& functions;
    VersionControl& versions;
    FunctionLogs& logs;
    Offload& pool;  // where large events are read and large answers written
    Random& random;
  };

  explicit FunctionApi(const Services& services) : services_(services) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  using Answer = boost::asio::awaitable<HttpResponse>;

  struct Route;
  static const Route* find_route(std::string_view verb);

  Answer show(functions::Function& function, std::string body);
  Answer invoke(functions::Function& function, std::string body);
  Answer roll_back(functions::Function& function, std::string body);
  // Runs `work` here, or off the loop when it has to do with that many bytes.
  boost::asio::awaitable<void> work_on(std::size_t bytes, const std::function<void()>& work);

  Services services_;
};

}  // namespace headrace::runtime
