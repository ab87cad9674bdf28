// A mapping between a real broker in memory and a scripted function, on virtual time: for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/mapping_runner.hpp"
#include "tests/runtime/store_fixture.hpp"
#include "tests/support/fake_function.hpp"

namespace headrace::runtime {

class MappingFixture : public StoreFixture {
 protected:
  MappingFixture() {
    store_->broker().set_observer(history_);
    mapping_.queue = address("signup");
    mapping_.function = "welcome-email";
    mapping_.item_failures = ItemFailures::kReported;
    create("dlq", {});
    create("signup",
           {{"VisibilityTimeout", "30"},
            {"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dlq",)"
                              R"("maxReceiveCount":3})"}});
  }

  ~MappingFixture() override {
    if (runner_) await(runner_->stop());
  }

  void start(std::size_t function_limit = 4) {
    function_ = std::make_unique<functions::FakeFunction>(function_limit);
    function_->answer(answer_);
    runner_ = std::make_unique<MappingRunner>(surroundings(), mapping_, *function_);
    runner_->start();
    run_ready(loop_);
  }

  void send_body(const std::string& queue, const std::string& body, const std::string& group = "") {
    queue::SendRequest request;
    request.address = address(queue);
    queue::MessageContent& content = request.entries.emplace_back().content;
    content.body = body;
    content.group_id = group;
    if (!group.empty()) content.deduplication_id = group + body;
    ASSERT_TRUE(await(store_->broker().send(std::move(request))).has_value());
  }

  MappingSurroundings surroundings() {
    return {loop_,    clock_,  store_->broker(), logs_,    last_errors_,
            metrics_, random_, *offload_,        &history_};
  }

  void send(int count, std::size_t body_bytes = 5) { send_to("signup", count, body_bytes); }

  void send_to(const std::string& queue, int count, std::size_t body_bytes = 5) {
    for (int i = 0; i < count; ++i) {
      queue::SendRequest request;
      request.address = address(queue);
      request.entries.emplace_back().content.body = std::string(body_bytes, 'x');
      ASSERT_TRUE(await(store_->broker().send(std::move(request))).has_value());
    }
  }

  queue::QueueDescription describe(const std::string& name) {
    return *await(store_->broker().describe_queue(address(name)));
  }

  std::uint64_t metric(const std::string& name) {
    return metrics_
        .counter("headrace_mapping_" + name + "_total", "",
                 {{"queue", mapping_.queue.name}, {"function", mapping_.function}})
        .value();
  }

  std::vector<std::size_t> batch_sizes() const {
    std::vector<std::size_t> sizes;
    for (const auto& batch : function_->batches()) sizes.push_back(batch.size());
    return sizes;
  }

  FunctionLogs logs_{clock_};
  LastErrors last_errors_;
  MetricsRegistry metrics_;
  Random random_{1};
  History history_{
      make_inline_offload(loop_), clock_, metrics_, {"", std::chrono::hours(24), 1 << 20}};
  EventSourceMapping mapping_;
  functions::FakeFunction::Answer answer_ = [](const functions::Event&) {
    functions::InvocationResult result;
    result.outcome = functions::Outcome::kSucceeded;
    return result;
  };
  std::unique_ptr<functions::FakeFunction> function_;
  std::unique_ptr<MappingRunner> runner_;
};

inline functions::InvocationResult throttled(std::optional<Duration> retry_after = std::nullopt) {
  functions::InvocationResult result;
  result.outcome = functions::Outcome::kThrottled;
  result.error_message = "status 503";
  result.retry_after = retry_after;
  return result;
}

inline functions::InvocationResult failed(const std::string& message) {
  functions::InvocationResult result;
  result.outcome = functions::Outcome::kFailed;
  result.error_type = "Error";
  result.error_message = message;
  return result;
}

}  // namespace headrace::runtime
