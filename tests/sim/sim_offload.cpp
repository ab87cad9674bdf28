#include "tests/sim/sim_offload.hpp"

#include <boost/asio/post.hpp>

namespace headrace::sim {

void SimOffload::run(std::function<void()> work, std::function<void()> done) {
  waiting_.push_back(Job{clock_.now() + latency_(), std::move(work), std::move(done)});
}

void SimOffload::work() {
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  job.work();
  done_.push_back(std::move(job.done));
}

void SimOffload::tell() {
  boost::asio::post(loop_, std::move(done_.front()));
  done_.pop_front();
}

}  // namespace headrace::sim
