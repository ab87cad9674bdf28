// Invoker: one invocation that somebody asked for by name: slot, event, call, log.
//
// Owned by the application. Loop thread only. A function that is stopped meanwhile ends the wait
// for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/offload.hpp"
#include "functions/function.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/lambda/error.hpp"

namespace headrace::runtime::lambda {

struct InvokeOrder {
  std::string request_id;
  std::string payload;         // any JSON
  std::string client_context;  // JSON without line breaks, or empty
};

struct Invoked {
  functions::InvocationResult result;
  std::vector<std::string> log_lines;  // from START to REPORT
};

class Invoker {
 public:
  // Both outlive it. Large events are read in `pool`.
  Invoker(FunctionLogs& logs, Offload& pool) : logs_(logs), pool_(pool) {}

  // Every way in which a function fails, its init included, is a result; refused are an event that
  // is not JSON, and everything while the server stops.
  boost::asio::awaitable<Result<Invoked>> invoke(functions::Function& function, InvokeOrder order);

  // Whether `payload`, which outlives the call, can be an event.
  boost::asio::awaitable<Status> check(const std::string& payload);

  // From now on who asks is refused, also who waits already.
  void begin_stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

 private:
  // Runs `work` here, or off the loop when it has to do with that many bytes.
  boost::asio::awaitable<void> work_on(std::size_t bytes, const std::function<void()>& work);
  boost::asio::awaitable<Result<functions::Event>> read_event(functions::FunctionKind kind,
                                                              std::string payload);

  FunctionLogs& logs_;
  Offload& pool_;
  bool stopping_ = false;
};

}  // namespace headrace::runtime::lambda
