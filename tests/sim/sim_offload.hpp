// SimOffload: one thread of the simulated server. Its jobs run in order, each when the world says
// so, and none before the disk's latency has passed. That a job ran and that the loop hears of it
// are two steps: a crash may come between them.
#pragma once

#include <deque>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/offload.hpp"

namespace headrace::sim {

class SimOffload final : public Offload {
 public:
  // `latency` is asked once for each job.
  SimOffload(boost::asio::io_context& loop, Clock& clock, std::function<Duration()> latency)
      : loop_(loop), clock_(clock), latency_(std::move(latency)) {}

  void run(std::function<void()> work, std::function<void()> done) override;

  bool has_work() const { return !waiting_.empty(); }
  bool has_news() const { return !done_.empty(); }
  TimePoint ready_at() const { return waiting_.empty() ? kForever : waiting_.front().ready; }
  void work();  // runs the first job
  void tell();  // posts the end of the first job that ran

 private:
  struct Job {
    TimePoint ready;
    std::function<void()> work;
    std::function<void()> done;
  };

  boost::asio::io_context& loop_;
  Clock& clock_;
  std::function<Duration()> latency_;
  std::deque<Job> waiting_;
  std::deque<std::function<void()>> done_;
};

}  // namespace headrace::sim
