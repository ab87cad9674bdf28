#include "runtime/lambda/service.hpp"

namespace headrace::runtime::lambda {

Service::Service(const Surroundings& around, const queue::sqs::SqsConfig& config)
    : catalog_(around.functions, around.versions, Scope{config.region, config.account},
               around.clock.now()),
      invoker_(around.logs, around.pool),
      events_({around.loop, around.clock, around.broker, around.functions, invoker_}),
      reads_(catalog_),
      invoke_api_({catalog_, invoker_, events_}),
      handler_(config, around.random) {
  reads_.add_routes(handler_.routes());
  invoke_api_.add_routes(handler_.routes());
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
