// A handler over a FakeBroker that has the queue `q`, and the requests of an SDK.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/offload.hpp"
#include "queue/sqs/sqs_handler.hpp"
#include "tests/support/fake_broker.hpp"

namespace headrace::queue::sqs {

using Headers = std::vector<std::pair<std::string, std::string>>;

class SqsFixture : public ::testing::Test {
 protected:
  SqsFixture();

  // POST / with X-Amz-Target, as SDKs send it; `more` goes before the usual headers.
  HttpResponse call(const std::string& action, const std::string& json, const Headers& more = {});
  HttpResponse exchange(const std::string& method, const std::string& path,
                        const std::string& query, const Headers& headers, std::string body);

  // The SendMessage body for queue `q` around more members: send("\"DelaySeconds\":1").
  static std::string send(const std::string& members);

  static QueueAddress address(const std::string& name) {
    return {"us-east-1", "000000000000", name};
  }

  FakeBroker broker_;
  boost::asio::io_context loop_;
  std::unique_ptr<Offload> pool_ = make_inline_offload(loop_);
  SqsConfig config_;  // of the handler, which the first request makes
  std::optional<HttpIdentity> identity_;  // of who sends the requests
  std::unique_ptr<SqsHandler> handler_;
  Cancellation cancellation_;
  std::uint64_t offloaded_ = 0;
};

std::string header(const HttpResponse& response, const std::string& name);

// The body of an error: its type after '#', and its message.
std::string error_type(const HttpResponse& response);
std::string error_message(const HttpResponse& response);

}  // namespace headrace::queue::sqs
