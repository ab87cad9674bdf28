// Service: the parts of the Lambda API, put together.
//
// Owned by the application. Loop thread only; its handler too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/offload.hpp"
#include "base/random.hpp"
#include "queue/broker.hpp"
#include "queue/sqs/caller.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/lambda/async_invocations.hpp"
#include "runtime/lambda/catalog.hpp"
#include "runtime/lambda/code_store.hpp"
#include "runtime/lambda/function_reads.hpp"
#include "runtime/lambda/function_store.hpp"
#include "runtime/lambda/function_writes.hpp"
#include "runtime/lambda/handler.hpp"
#include "runtime/lambda/invoke_api.hpp"
#include "runtime/lambda/invoker.hpp"
#include "runtime/lambda/mapping_api.hpp"
#include "runtime/lambda/mappings.hpp"
#include "runtime/version_control.hpp"

namespace headrace::runtime::lambda {

class Service {
 public:
  // All of it outlives the service.
  struct Surroundings {
    boost::asio::io_context& loop;
    Clock& clock;
    queue::Broker& broker;
    FunctionTable& functions;
    const VersionControl& versions;
    Mappings& mappings;
    FunctionLogs& logs;
    Offload& pool;
    Random& random;
  };

  // How functions are made, and where their code is kept: an absolute path.
  struct Making {
    FunctionStore::Make make;
    std::string code_folder;
    Offload& unpacking;  // one thread: an archive may keep it busy for long
    bool allowed;        // over the API
  };

  Service(const Surroundings& around, Making making, const queue::sqs::SqsConfig& config);

  HttpHandler& handler() { return handler_; }

  // Goes on where the server stopped. The functions and mappings of the configuration are there.
  boost::asio::awaitable<void> start();

  // Refuses who waits for a function, and begins nothing more.
  void begin_stop();
  boost::asio::awaitable<void> stop();

 private:
  Mappings& mappings_;
  CodeStore code_;
  FunctionStore store_;
  Catalog catalog_;
  Invoker invoker_;
  AsyncInvocations events_;
  FunctionReads reads_;
  FunctionWrites writes_;
  InvokeApi invoke_api_;
  MappingApi mapping_api_;
  Handler handler_;
};

}  // namespace headrace::runtime::lambda
