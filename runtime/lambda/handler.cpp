#include "runtime/lambda/handler.hpp"

#include <utility>

#include "base/codec.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::size_t kShownPathBytesMax = 256;

Error no_such_operation(const HttpRequest& request) {
  return {ErrorCode::kUnknownOperation, "headrace has no Lambda operation at " +
                                            std::string(request.method) + " " +
                                            bounded_utf8(request.path, kShownPathBytesMax)};
}

}  // namespace

boost::asio::awaitable<HttpResponse> Handler::handle(HttpRequest request, Cancellation&) {
  const std::string request_id = headrace::to_string(random_.uuid());
  Result<HttpResponse> answered = co_await answer(std::move(request), request_id);
  HttpResponse response = answered ? std::move(*answered) : to_response(answered.error());
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  co_return response;
}

Answer Handler::answer(HttpRequest request, std::string request_id) {
  std::optional<Routes::Match> match = routes_.find(request.method, request.path);
  if (!match) co_return no_such_operation(request);
  auto query = read_query(request.query);
  if (!query) co_return invalid_parameter("The query of the request is escaped badly.");
  queue::sqs::Caller caller = queue::sqs::caller_of(request, config_);
  Call call;
  call.caller = Scope{std::move(caller.region), std::move(caller.account)};
  call.request = std::move(request);
  call.request_id = std::move(request_id);
  call.path = std::move(match->path);
  call.query = std::move(*query);
  Result<HttpResponse> answered = co_await (*match->run)(std::move(call));
  co_return answered;
}

}  // namespace headrace::runtime::lambda
