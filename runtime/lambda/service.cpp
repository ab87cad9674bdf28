#include "runtime/lambda/service.hpp"

namespace headrace::runtime::lambda {

Service::Service(const Surroundings& around, const queue::sqs::SqsConfig& config)
    : mappings_(around.mappings),
      catalog_(around.functions, around.versions, Scope{config.region, config.account},
               around.clock.now()),
      invoker_(around.logs, around.pool),
      events_({around.loop, around.clock, around.broker, around.functions, invoker_}),
      reads_(catalog_),
      invoke_api_({catalog_, invoker_, events_}),
      mapping_api_({catalog_, around.broker, mappings_}),
      handler_(config, around.random) {
  reads_.add_routes(handler_.routes());
  invoke_api_.add_routes(handler_.routes());
  mapping_api_.add_routes(handler_.routes());
}

boost::asio::awaitable<void> Service::start() {
  co_await mappings_.restore();
  co_await events_.resume();
}

void Service::begin_stop() {
  invoker_.begin_stop();
  events_.begin_stop();
}

boost::asio::awaitable<void> Service::stop() {
  begin_stop();
  return events_.stop();
}

}  // namespace headrace::runtime::lambda
