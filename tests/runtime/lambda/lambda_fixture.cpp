#include "tests/runtime/lambda/lambda_fixture.hpp"

#include <algorithm>

namespace headrace::runtime::lambda {

LambdaFixture::LambdaFixture() { start_service(); }

LambdaFixture::~LambdaFixture() { stop_service(); }

functions::FakeFunction& LambdaFixture::add_function(const std::string& name, std::size_t limit) {
  auto function = std::make_unique<functions::FakeFunction>(limit, name);
  functions::FakeFunction& made = *function;
  functions_[name] = std::move(function);
  return made;
}

boost::asio::awaitable<headrace::Result<FunctionStore::FunctionPtr>> LambdaFixture::make(
    functions::FunctionConfig config) {
  if (!cannot_run_.empty()) {
    co_return headrace::Error{headrace::ErrorCode::kNotFound, cannot_run_};
  }
  auto function = std::make_unique<functions::FakeFunction>(2, config.name);
  made_.push_back(function.get());
  made_configs_.push_back(std::move(config));
  co_return FunctionStore::FunctionPtr(std::move(function));
}

void LambdaFixture::stop_service() {
  service_->begin_stop();
  await(mappings_->stop());
  await(service_->stop());
  service_.reset();
  mappings_.reset();
  for (const functions::FunctionConfig& made : made_configs_) functions_.erase(made.name);
}

void LambdaFixture::start_service() {
  if (service_) stop_service();
  mappings_ = std::make_unique<Mappings>(
      MappingSurroundings{loop_, clock_, store_->broker(), logs_, last_errors_, metrics_, random_,
                          *offload_, nullptr},
      functions_);
  service_ = std::make_unique<Service>(
      Service::Surroundings{loop_, clock_, store_->broker(), functions_, versions_, *mappings_,
                            logs_, *offload_, random_},
      Service::Making{[this](functions::FunctionConfig config) { return make(std::move(config)); },
                      folder_.path() + "/lambda", *offload_, uploads_},
      queue::sqs::SqsConfig{});
  await(service_->start());
}

void LambdaFixture::send(const std::string& queue, const std::string& body) {
  queue::SendRequest request;
  request.address = address(queue);
  request.entries.emplace_back().content.body = body;
  ASSERT_TRUE(await(store_->broker().send(std::move(request))).has_value());
}

void LambdaFixture::begin(const std::string& method, const std::string& target, std::string body,
                          const Headers& headers) {
  HttpRequest request;
  std::string head = method + target;
  for (const auto& [name, value] : headers) head += name + value;
  request.head = std::make_unique<std::string>(std::move(head));
  std::string_view rest = *request.head;
  const auto take = [&rest](std::size_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  request.method = take(method.size());
  const std::string_view whole = take(target.size());
  request.path = whole.substr(0, whole.find('?'));
  request.query = whole.substr(std::min(request.path.size() + 1, whole.size()));
  for (const auto& [name, value] : headers) {
    const std::string_view given = take(name.size());
    request.headers.push_back({given, take(value.size())});
  }
  request.body = std::move(body);
  request.identity = identity_;
  boost::asio::co_spawn(loop_, service_->handler().handle(std::move(request), cancellation_),
                        [this](std::exception_ptr failure, HttpResponse response) {
                          ASSERT_FALSE(failure);
                          answers_.push_back(std::move(response));
                        });
  run_ready(loop_);
}

HttpResponse LambdaFixture::ask(const std::string& method, const std::string& target,
                                std::string body, const Headers& headers) {
  answers_.clear();
  begin(method, target, std::move(body), headers);
  return answers_.at(0);
}

std::string LambdaFixture::header(const HttpResponse& response, const std::string& name) {
  for (const auto& [given, value] : response.headers) {
    if (given == name) return value;
  }
  return "absent";
}

std::string LambdaFixture::member(const HttpResponse& response, const std::string& path) {
  const auto document = JsonDocument::parse(response.body);
  if (!document) return "not JSON: " + response.body;
  std::optional<JsonValue> value = document->root();
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    value = value->find(path.substr(begin, end - begin));
    if (!value) return "absent";
    begin = end + 1;
  }
  const auto text = value->as_string();
  return text ? std::string(*text) : value->to_json();
}

}  // namespace headrace::runtime::lambda
