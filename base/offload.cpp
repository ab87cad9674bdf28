#include "base/offload.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pthread.h>

namespace headrace {
namespace asio = boost::asio;

namespace {

struct Job {
  std::function<void()> work;
  std::function<void()> done;
};

class ThreadOffload final : public Offload {
 public:
  ThreadOffload(asio::io_context& loop, std::string name, int threads)
      : loop_(loop), name_(std::move(name)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  }

  ~ThreadOffload() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void run(std::function<void()> work, std::function<void()> done) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(Job{std::move(work), std::move(done)});
    }
    wake_.notify_one();
  }

 private:
  void serve() {
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.work();
      job.work = nullptr;
      if (job.done) asio::post(loop_, std::move(job.done));
    }
  }

  asio::io_context& loop_;
  std::string name_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

class InlineOffload final : public Offload {
 public:
  explicit InlineOffload(asio::io_context& loop) : loop_(loop) {}

  void run(std::function<void()> work, std::function<void()> done) override {
    work();
    if (done) asio::post(loop_, std::move(done));
  }

 private:
  asio::io_context& loop_;
};

struct StartWork {
  Offload* offload;
  std::function<void()> work;

  template <class Handler>
  void operator()(Handler handler) {
    auto shared = std::make_shared<Handler>(std::move(handler));
    auto resume = [shared] {
      auto executor = asio::get_associated_executor(*shared);
      asio::dispatch(executor, std::move(*shared));
    };
    offload->run(std::move(work), std::move(resume));
  }
};

}  // namespace

asio::awaitable<void> Offload::carry_out(std::function<void()> work) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      StartWork{this, std::move(work)}, asio::use_awaitable);
}

std::unique_ptr<Offload> make_thread_offload(asio::io_context& loop, std::string name,
                                             int threads) {
  return std::make_unique<ThreadOffload>(loop, std::move(name), threads);
}

std::unique_ptr<Offload> make_inline_offload(asio::io_context& loop) {
  return std::make_unique<InlineOffload>(loop);
}

}  // namespace headrace
