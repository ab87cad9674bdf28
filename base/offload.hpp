// The seam to threads: work that blocks (a disk, a large hash) runs elsewhere, its end comes back
// to the loop. Nothing else in the rooms starts a thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace headrace {

class Offload {
 public:
  virtual ~Offload() = default;

  // Runs `work` off the loop, then `done` on the loop. With one thread, in the order of the calls.
  virtual void run(std::function<void()> work, std::function<void()> done) = 0;

  // Suspends until `work` has run. `work` may refer to the caller's locals.
  boost::asio::awaitable<void> carry_out(std::function<void()> work);
};

// `threads` threads named `name`. The destructor finishes all work and drops what was not yet
// done'd.
std::unique_ptr<Offload> make_thread_offload(boost::asio::io_context& loop, std::string name,
                                             int threads);

// Runs work at once on the caller's thread and posts `done`: for tests and simulation.
std::unique_ptr<Offload> make_inline_offload(boost::asio::io_context& loop);

}  // namespace headrace
