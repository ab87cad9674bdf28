#include "runtime/http/state_loop_handler.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "base/run_on.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;

asio::awaitable<HttpResponse> StateLoopHandler::handle(HttpRequest request,
                                                       Cancellation& cancellation) {
  if (state_loop_.get_executor().running_in_this_thread()) {
    return inner_.handle(std::move(request), cancellation);
  }
  return carry(std::move(request), cancellation);
}

// The relay is shared because the client may leave while the answer is already on its way back: the
// note about it then arrives on the state loop after the request has ended there.
asio::awaitable<HttpResponse> StateLoopHandler::carry(HttpRequest request,
                                                      Cancellation& cancellation) {
  const auto relay = std::make_shared<Cancellation>();
  cancellation.on_request(
      [this, relay] { asio::post(state_loop_, [relay] { relay->request(); }); });
  asio::awaitable<HttpResponse> work = handle_there(std::move(request), relay);
  HttpResponse response = co_await run_on(state_loop_, std::move(work));
  cancellation.clear_hook();
  co_return response;
}

asio::awaitable<HttpResponse> StateLoopHandler::handle_there(
    HttpRequest request, std::shared_ptr<Cancellation> cancellation) {
  HttpResponse response = co_await inner_.handle(std::move(request), *cancellation);
  co_return response;
}

}  // namespace headrace::runtime
