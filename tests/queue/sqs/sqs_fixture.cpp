#include "tests/queue/sqs/sqs_fixture.hpp"

#include <boost/asio/co_spawn.hpp>

#include "base/json.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::uint64_t kSeed = 7;

// The views of a request point into `texts`, which outlives it.
HttpRequest make_request(const std::vector<std::string>& texts) {
  HttpRequest request;
  request.method = texts[0];
  request.path = texts[1];
  request.query = texts[2];
  for (std::size_t i = 3; i + 1 < texts.size(); i += 2) {
    request.headers.push_back({texts[i], texts[i + 1]});
  }
  return request;
}

std::string member(const HttpResponse& response, const char* name) {
  const auto document = JsonDocument::parse(response.body);
  if (!document) return {};
  const auto value = document->root().find(name);
  return value && value->as_string() ? std::string(*value->as_string()) : std::string();
}

// Counts what leaves the loop.
class CountingOffload final : public Offload {
 public:
  CountingOffload(boost::asio::io_context& loop, std::uint64_t& count)
      : inline_(make_inline_offload(loop)), count_(count) {}

  void run(std::function<void()> work, std::function<void()> done) override {
    ++count_;
    inline_->run(std::move(work), std::move(done));
  }

 private:
  std::unique_ptr<Offload> inline_;
  std::uint64_t& count_;
};

}  // namespace

SqsFixture::SqsFixture() {
  pool_ = std::make_unique<CountingOffload>(loop_, offloaded_);
  broker_.queues.insert(address("q"));
}

HttpResponse SqsFixture::call(const std::string& action, const std::string& json,
                              const Headers& more) {
  Headers headers = more;
  headers.emplace_back("host", "localhost:4566");
  headers.emplace_back("content-type", "application/x-amz-json-1.0");
  headers.emplace_back("x-amz-target", "AmazonSQS." + action);
  return exchange("POST", "/", "", headers, json);
}

HttpResponse SqsFixture::exchange(const std::string& method, const std::string& path,
                                  const std::string& query, const Headers& headers,
                                  std::string body) {
  std::vector<std::string> texts{method, path, query};
  for (const auto& [name, value] : headers) {
    texts.push_back(name);
    texts.push_back(value);
  }
  HttpRequest request = make_request(texts);
  request.body = std::move(body);
  request.identity = identity_;
  if (!handler_) handler_ = std::make_unique<SqsHandler>(broker_, *pool_, config_, kSeed);
  HttpResponse response;
  bool answered = false;
  boost::asio::co_spawn(loop_, handler_->handle(std::move(request), cancellation_),
                        [&](const std::exception_ptr& failure, HttpResponse answer) {
                          EXPECT_EQ(failure, nullptr);
                          response = std::move(answer);
                          answered = true;
                        });
  loop_.restart();
  loop_.run();
  EXPECT_TRUE(answered);
  return response;
}

std::string SqsFixture::send(const std::string& members) {
  return R"({"QueueUrl":"http://localhost:4566/000000000000/q",)" + members + "}";
}

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string error_type(const HttpResponse& response) {
  const std::string type = member(response, "__type");
  return type.substr(type.find('#') + 1);
}

std::string error_message(const HttpResponse& response) { return member(response, "message"); }

}  // namespace headrace::queue::sqs
