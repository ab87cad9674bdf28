// Handler: the Lambda API over HTTP, on the same port as SQS (spec 6). Finds the operation, reads
// what all operations read, and words refusals.
//
// State loop only: the server reaches it through StateLoopHandler. Owned by the application.
#pragma once

#include <string>

#include "base/http.hpp"
#include "base/random.hpp"
#include "queue/sqs/caller.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

class Handler final : public HttpHandler {
 public:
  // `config` says whose callers are who do not say. `random` outlives the handler.
  Handler(queue::sqs::SqsConfig config, Random& random)
      : config_(std::move(config)), random_(random) {}

  // Where operations are added, before the first request.
  Routes& routes() { return routes_; }

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  Answer answer(HttpRequest request, std::string request_id);

  const queue::sqs::SqsConfig config_;
  Random& random_;
  Routes routes_;
};

}  // namespace headrace::runtime::lambda
