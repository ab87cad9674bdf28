// MoveTasks: runs the move tasks (redrives) of StartMessageMoveTask (spec 8.3).
//
// A task moves chunk after chunk, or at its rate, until as many have gone as were visible when it
// started, or none is visible any more. Each chunk and the task's new count are appended in one
// turn, so a task goes on after a restart where it stood. Tasks are documents of their store; the
// running ones are also here. Loop thread only; owned by the LocalBroker.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "queue/engine.hpp"
#include "queue/journal.hpp"
#include "queue/move_task.hpp"

namespace headrace::queue {

class MoveTasks {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;
  // Appends and applies a record, and lets everybody know what it changed.
  using Commit = std::function<Lsn(const Record& record)>;

  // All references outlive it.
  MoveTasks(boost::asio::any_io_executor executor, Clock& clock, Engine& engine, Journal& journal,
            Random& ids, Commit commit);

  // Goes on with the tasks that ran when the journal ended. Call once, after recovery.
  void resume();
  // Running tasks stand still; the next start resumes them.
  void stop() { tasks_.cancel(); }
  Awaitable<void> join() { return tasks_.join(); }

  // The task's handle.
  Awaitable<Result<std::string>> start(StartMoveTaskRequest request);
  // How many messages had been moved. The task ends soon after.
  Awaitable<Result<std::uint64_t>> cancel(std::string handle);
  // Newest first.
  Awaitable<Result<std::vector<MoveTask>>> list(std::string source_arn, std::size_t limit);
  // The source is being deleted: its tasks go with it.
  void forget(const std::string& source_arn);

 private:
  Status check_start(const StartMoveTaskRequest& request) const;
  Result<MoveTask*> find_running(const std::string& handle);
  void run(MoveTask task);
  Awaitable<void> work(std::string id);
  Lsn move_some(MoveTask& task);
  Queue* find_queue(const std::string& arn) const;
  // Oldest first.
  std::vector<MoveTask> tasks_of(const std::string& source_arn) const;
  Lsn keep(const MoveTask& task);
  void drop_oldest(const std::string& source_arn);

  Clock& clock_;
  Engine& engine_;
  Journal& journal_;
  Random& ids_;
  Commit commit_;
  std::map<std::string, MoveTask> running_;  // by id
  WaitList interrupted_;                     // a task was cancelled or forgotten
  TaskGroup tasks_;
};

}  // namespace headrace::queue
