// WorkerLink: how the server and the process of a worker speak: frames over a socket
// (frame_link.hpp) or the Lambda Runtime API (runtime_link.hpp).
//
// Owned by its Worker, which hears through WorkerEvents what the process says. The process runs
// foreign code: a link believes nothing and reports what makes no sense as broken.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "functions/call_report.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

// What a process says, told to its worker.
class WorkerEvents {
 public:
  virtual void on_ready() = 0;                          // init is done
  virtual void on_init_failed(std::string reason) = 0;  // the process ends soon
  virtual void on_log(std::string line) = 0;
  virtual void on_done() = 0;    // the running call has ended, its report is whole
  virtual void on_broken() = 0;  // it said what makes no sense
  virtual void on_silent() = 0;  // it listens no more; how it ends says more, if it does end

  // What is known about the running call; nullptr when none runs.
  virtual CallReport* running_call() = 0;

 protected:
  ~WorkerEvents() = default;
};

class WorkerLink {
 public:
  virtual ~WorkerLink() = default;

  // Begins to listen; `events` outlives the link.
  virtual void open(WorkerEvents& events) = 0;

  // Hands the invocation over; the event outlives the call, and the call ends by on_done().
  virtual boost::asio::awaitable<void> send(const Invocation& invocation, TimePoint deadline) = 0;

  // The worker is wanted no more. The process may end by itself, or is killed after a grace.
  virtual void ask_to_end() = 0;

  // The process has ended: takes what it said before that.
  virtual void drain() = 0;

  // Listens no more.
  virtual void close() = 0;

  // Suspends until nothing of a closed link runs.
  virtual boost::asio::awaitable<void> closed() = 0;
};

struct StartedWorker {
  SpawnedProcess process;
  std::unique_ptr<WorkerLink> link;
};

// Starts the processes of one pool, and knows how they speak.
class WorkerSource {
 public:
  virtual ~WorkerSource() = default;
  virtual boost::asio::awaitable<Result<StartedWorker>> start() = 0;
};

}  // namespace headrace::functions
