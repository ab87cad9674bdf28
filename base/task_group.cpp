#include "base/task_group.hpp"

#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.hpp"
#include "base/wait_list.hpp"

namespace headrace {
namespace asio = boost::asio;

struct TaskGroup::State {
  explicit State(asio::any_io_executor e) : executor(std::move(e)) {}

  struct Task {
    explicit Task(std::string n) : name(std::move(n)) {}
    std::string name;
    asio::cancellation_signal stop{};
  };

  asio::any_io_executor executor;
  std::list<Task> tasks;
  WaitList empty;
};

namespace {

void report(const std::string& name, std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return;
    log_error("task ended with an error task={} reason={}", name, error.what());
  } catch (const std::exception& error) {
    log_error("task ended with an error task={} reason={}", name, error.what());
  }
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
  state_->tasks.emplace_back(std::move(name));
  const auto position = std::prev(state_->tasks.end());
  auto finished = [state = state_, position](std::exception_ptr failure) {
    report(position->name, failure);
    state->tasks.erase(position);
    if (state->tasks.empty()) state->empty.notify_all();
  };
  asio::co_spawn(state_->executor, std::move(task),
                 asio::bind_cancellation_slot(position->stop.slot(), std::move(finished)));
}

void TaskGroup::cancel() {
  // A task may end, and leave the list, while its signal is emitted.
  for (auto task = state_->tasks.begin(); task != state_->tasks.end();) {
    const auto next = std::next(task);
    task->stop.emit(asio::cancellation_type::terminal);
    task = next;
  }
}

asio::awaitable<void> TaskGroup::join() {
  const std::shared_ptr<State> state = state_;
  while (!state->tasks.empty()) co_await state->empty.wait();
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }

}  // namespace headrace
