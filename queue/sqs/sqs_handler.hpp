// SqsHandler: the SQS API over HTTP, in both of its protocols. Runs on the loop of whoever calls
// it, also several at once; the broker it is given must allow that (BrokerOnLoop). Keeps nothing
// between requests.
#pragma once

#include <cstdint>

#include "base/http.hpp"
#include "base/offload.hpp"
#include "queue/broker.hpp"
#include "queue/sqs/caller.hpp"
#include "queue/sqs/request_ids.hpp"

namespace headrace::queue::sqs {

class SqsHandler final : public HttpHandler {
 public:
  // `seed` makes the request ids; one seed gives one sequence.
  SqsHandler(Broker& broker, Offload& pool, SqsConfig config, std::uint64_t seed);

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  boost::asio::awaitable<HttpResponse> handle_json(HttpRequest request, Cancellation& cancellation);
  boost::asio::awaitable<HttpResponse> handle_query(HttpRequest request,
                                                    Cancellation& cancellation);

  Broker& broker_;
  Offload& pool_;
  const SqsConfig config_;
  RequestIds request_ids_;
};

}  // namespace headrace::queue::sqs
