#include "runtime/lambda/service.hpp"

#include <utility>

namespace headrace::runtime::lambda {

Service::Service(const Surroundings& around, Making making, const queue::sqs::SqsConfig& config)
    : mappings_(around.mappings),
      code_(std::move(making.code_folder), making.unpacking),
      store_({around.loop, around.clock, around.random, around.broker, around.functions, mappings_,
              code_},
             Scope{config.region, config.account}, std::move(making.make)),
      catalog_({around.functions, around.versions, store_}, Scope{config.region, config.account},
               around.clock.now()),
      invoker_(around.logs, around.pool),
      events_({around.loop, around.clock, around.broker, around.functions, invoker_, store_}),
      reads_(catalog_),
      writes_({catalog_, store_, around.pool, making.allowed}),
      invoke_api_({catalog_, invoker_, events_}),
      mapping_api_({catalog_, around.broker, mappings_}),
      handler_(config, around.random) {
  reads_.add_routes(handler_.routes());
  writes_.add_routes(handler_.routes());
  invoke_api_.add_routes(handler_.routes());
  mapping_api_.add_routes(handler_.routes());
}

boost::asio::awaitable<void> Service::start() {
  co_await store_.restore();
  co_await mappings_.restore();
  co_await events_.resume();
}

void Service::begin_stop() {
  store_.begin_stop();
  invoker_.begin_stop();
  events_.begin_stop();
}

boost::asio::awaitable<void> Service::stop() {
  begin_stop();
  co_await events_.stop();
  co_await store_.stop();
}

}  // namespace headrace::runtime::lambda
