// AsyncInvocations: events that were accepted with 202 and are handled when a slot is free.
//
// An accepted event is a document in the journal until it has been handled: a crash loses none, and
// may let one run twice. A function error is retried twice, after one minute and after two; what is
// throttled is tried for six hours (AWS, "How Lambda handles errors and retries with asynchronous
// invocation"). Owned by the application. Loop thread only.
#pragma once

#include <cstddef>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "queue/broker.hpp"
#include "runtime/function_pages.hpp"
#include "runtime/lambda/error.hpp"
#include "runtime/lambda/function_store.hpp"
#include "runtime/lambda/invoker.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kEventBytesMaxAsync = 1'048'576;
inline constexpr int kEventRetries = 2;
// Of accepted events at one time; more are throttled.
inline constexpr std::size_t kEventsWaitingMax = 1000;
inline constexpr std::size_t kEventsWaitingBytesMax = std::size_t{64} << 20;

class AsyncInvocations {
 public:
  // All of it outlives the AsyncInvocations.
  struct Services {
    boost::asio::io_context& loop;
    Clock& clock;
    queue::Broker& broker;
    const FunctionTable& functions;
    Invoker& invoker;
    const FunctionStore& store;
  };

  explicit AsyncInvocations(const Services& services)
      : services_(services), tasks_(services.loop.get_executor()) {}

  // The event is durable when this returns.
  boost::asio::awaitable<Status> accept(std::string function, InvokeOrder order);

  // Goes on with what was accepted before a restart.
  boost::asio::awaitable<void> resume();

  std::size_t waiting() const { return waiting_; }

  // Begins nothing more. What runs is finished, the rest waits for the next start.
  void begin_stop();
  boost::asio::awaitable<void> stop();

 private:
  struct Event {
    std::string function;
    InvokeOrder order;
    std::string document;  // its key
    TimePoint give_up;     // of what is throttled
  };

  void start(Event event);
  boost::asio::awaitable<void> handle(Event event);
  boost::asio::awaitable<bool> try_to_handle(const Event& event);
  boost::asio::awaitable<void> sleep(Duration time);

  Services services_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  WaitList stop_;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime::lambda
