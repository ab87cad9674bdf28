// Resumption: the way back into one suspended coroutine, whatever its handler's type.
// Destroying it unused ends that coroutine's frames without resuming them.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

namespace headrace {

// The handler takes an error_code; a coroutine resumed with one throws system_error at its wait.
class Resumption {
 public:
  Resumption() = default;
  template <class Handler>
  explicit Resumption(Handler handler)
      : held_(std::make_unique<Held<Handler>>(std::move(handler))) {}

  explicit operator bool() const { return held_ != nullptr; }

  // Posts the coroutine to its own executor; never runs it here. The Resumption is empty after.
  void post(boost::system::error_code ec = {}) {
    const std::unique_ptr<Base> held = std::move(held_);
    held->post(ec);
  }

  // Goes on with the coroutine here and now. Only from a completion handler that runs on the
  // coroutine's executor and has nothing left to do.
  void resume(boost::system::error_code ec = {}) {
    const std::unique_ptr<Base> held = std::move(held_);
    held->resume(ec);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void post(boost::system::error_code ec) = 0;
    virtual void resume(boost::system::error_code ec) = 0;
  };
  template <class Handler>
  struct Held final : Base {
    explicit Held(Handler h) : handler(std::move(h)) {}
    void post(boost::system::error_code ec) override {
      const auto executor = boost::asio::get_associated_executor(handler);
      boost::asio::post(executor, [h = std::move(handler), ec]() mutable { std::move(h)(ec); });
    }
    void resume(boost::system::error_code ec) override { std::move(handler)(ec); }
    Handler handler;
  };
  std::unique_ptr<Base> held_;
};

}  // namespace headrace
