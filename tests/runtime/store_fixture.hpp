// A broker in memory, on virtual time: for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "queue/store.hpp"
#include "tests/support/fake_file_system.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() {
    queue::StoreOptions options;
    options.durability = queue::Durability::kMemory;
    store_ = *queue::Store::open(files_, clock_, {loop_, *offload_, *offload_, *offload_}, options);
    store_->broker().start();
  }

  static queue::QueueAddress address(const std::string& name) {
    return {"us-east-1", "000000000000", name};
  }

  // Runs the loop until the awaitable has ended. Time stands still.
  template <class T>
  T await(boost::asio::awaitable<T> work) {
    std::optional<T> value;
    boost::asio::co_spawn(loop_, std::move(work), [&value](std::exception_ptr failure, T result) {
      ASSERT_FALSE(failure);
      value = std::move(result);
    });
    run_ready(loop_);
    return std::move(value.value());
  }
  void await(boost::asio::awaitable<void> work) {
    bool done = false;
    boost::asio::co_spawn(loop_, std::move(work), [&done](std::exception_ptr failure) {
      ASSERT_FALSE(failure);
      done = true;
    });
    run_ready(loop_);
    ASSERT_TRUE(done);
  }

  void create(const std::string& name, queue::AttributeMap attributes) {
    queue::CreateQueueRequest request;
    request.address = address(name);
    request.attributes = std::move(attributes);
    ASSERT_TRUE(await(store_->broker().create_queue(std::move(request))).has_value());
  }

  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  FakeFileSystem files_;
  std::unique_ptr<Offload> offload_ = make_inline_offload(loop_);
  std::unique_ptr<queue::Store> store_;
};

}  // namespace headrace::runtime
