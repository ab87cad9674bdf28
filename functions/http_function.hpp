// HttpFunction: an HTTP server as a function. Each batch is one POST of the `Records` event.
//
// Success is a 2xx answer that is empty or valid JSON without a top-level errorType. 429 and 503
// are throttling: the batch did not run. Everything else failed.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "functions/counted_function.hpp"
#include "functions/http_client.hpp"

namespace headrace::functions {

class HttpFunction final : public CountedFunction {
 public:
  // The references outlive the function.
  HttpFunction(Clock& clock, HttpClient& client, FunctionConfig config);

  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;

 private:
  Clock& clock_;
  HttpClient& client_;
};

}  // namespace headrace::functions
