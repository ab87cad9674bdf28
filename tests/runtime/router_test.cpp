#include "runtime/router.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

class Named final : public HttpHandler {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  boost::asio::awaitable<HttpResponse> handle(HttpRequest, Cancellation&) override {
    HttpResponse response;
    response.body = name_;
    co_return response;
  }

 private:
  std::string name_;
};

std::string answer(Router& router, const std::string& path) {
  boost::asio::io_context loop;
  Cancellation cancellation;
  HttpRequest request;
  request.head = std::make_unique<std::string>(path);
  request.path = *request.head;
  auto future = boost::asio::co_spawn(loop, router.handle(std::move(request), cancellation),
                                      boost::asio::use_future);
  loop.run();
  return future.get().body;
}

TEST(Router, TakesAPrefixOnlyAtASlash) {
  Named sqs("sqs");
  Named admin("admin");
  Router router(sqs);
  router.add("/_headrace", admin);
  EXPECT_EQ(answer(router, "/_headrace"), "admin");
  EXPECT_EQ(answer(router, "/_headrace/status"), "admin");
  EXPECT_EQ(answer(router, "/_headracer"), "sqs");
  EXPECT_EQ(answer(router, "/"), "sqs");
  EXPECT_EQ(answer(router, "/000000000000/_headrace"), "sqs");
}

}  // namespace
}  // namespace headrace::runtime
