#include "tests/scenarios/runner/virtual_stage.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

namespace headrace::scenarios {

namespace {

constexpr std::uint64_t kSeed = 1;
constexpr Duration kInstant{1};  // the smallest step of time

// The views of a request point into its head.
HttpRequest to_http(const WireRequest& request) {
  HttpRequest http;
  http.head = std::make_unique<std::string>(request.path);
  for (const auto& [name, value] : request.headers) *http.head += name + value;
  std::string_view rest = *http.head;
  const auto take = [&rest](std::size_t size) {
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  };
  http.method = "POST";
  http.path = take(request.path.size());
  for (const auto& [name, value] : request.headers) {
    const std::string_view name_view = take(name.size());
    http.headers.push_back({name_view, take(value.size())});
  }
  http.headers.push_back({"host", "localhost:4566"});
  http.body = request.body;
  return http;
}

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

VirtualStage::VirtualStage(const Scenario& scenario)
    : cooldowns_(scenario.cooldowns),
      durability_(scenario.restarts() ? queue::Durability::kSync : queue::Durability::kMemory),
      opened_(open()) {}

VirtualStage::~VirtualStage() { close(); }

Status VirtualStage::open() {
  queue::StoreOptions options;
  options.path = "/data";
  options.durability = durability_;
  options.seed = kSeed;
  options.cooldowns = cooldowns_;
  const queue::JournalThreads threads{loop_, *offload_, *offload_, *offload_};
  auto store = queue::Store::open(disk_, clock_, threads, std::move(options));
  if (!store) return store.error();
  store_ = std::move(*store);
  store_->broker().start();
  handler_ = std::make_unique<queue::sqs::SqsHandler>(store_->broker(), *offload_,
                                                      queue::sqs::SqsConfig{}, kSeed);
  run_ready(loop_);
  return {};
}

void VirtualStage::close() {
  if (!store_) return;
  boost::asio::co_spawn(loop_, store_->close(), rethrow);
  run_ready(loop_);
  handler_.reset();
  store_.reset();
  calls_.clear();
}

Status VirtualStage::restart() {
  close();
  opened_ = open();
  return opened_;
}

Status VirtualStage::send(const std::string& name, WireRequest request) {
  if (!opened_) return opened_;
  Call& call = calls_[name];
  if (call.pending) return Error{ErrorCode::kExists, "the call " + name + " has no answer yet"};
  call.pending = true;
  boost::asio::co_spawn(loop_, handler_->handle(to_http(request), call.cancellation),
                        [&call](const std::exception_ptr& failure, HttpResponse response) {
                          rethrow(failure);
                          call.response = std::move(response);
                          call.pending = false;
                        });
  clock_.advance(Duration{0});  // also what is due by now
  return {};
}

Result<HttpResponse> VirtualStage::receive(const std::string& name, Duration takes) {
  const auto call = calls_.find(name);
  if (call == calls_.end()) return Error{ErrorCode::kNotFound, "no call was named " + name};
  if (takes > kInstant) {
    clock_.advance(takes - kInstant);
    if (!call->second.pending) {
      return Error{ErrorCode::kInvalid, "the answer came sooner than it should"};
    }
    clock_.advance(kInstant);
  }
  if (call->second.pending) {
    return Error{ErrorCode::kTimeout, "the answer did not come in time"};
  }
  return call->second.response;
}

}  // namespace headrace::scenarios
