// TaskGroup: the coroutines an object has started. It is the object's last member, so that the
// tasks end before what they use.
//
// A task that ends with an exception is logged with its name; operation_aborted is the normal end
// of a cancelled task and is not. Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace headrace {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  // Cancels; the frames of tasks still suspended die with the executor.
  ~TaskGroup();

  // Starts the task soon. Its coroutine takes arguments by value.
  void spawn(std::string name, boost::asio::awaitable<void> task);

  // Asks every task to end: each throws operation_aborted at its wait. May be called twice.
  void cancel();

  // Suspends until no task is left.
  boost::asio::awaitable<void> join();

  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace headrace
