// A server on a data directory, with everything on one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/offload.hpp"
#include "queue/store.hpp"
#include "tests/queue/server_harness.hpp"

namespace headrace::queue {

struct LiveStore {
  LiveStore(FileSystem& files, const std::string& path) {
    StoreOptions options;
    options.path = path;
    options.seed = 1;
    auto opened = Store::open(files, clock, {loop, *threads, *threads, *threads}, options);
    if (!opened) {
      refusal = opened.error().message;
      return;
    }
    store = std::move(*opened);
    store->broker().start();
  }
  ~LiveStore() {
    if (store) start(close());
    run_ready(loop);
  }
  LiveStore(const LiveStore&) = delete;
  LiveStore& operator=(const LiveStore&) = delete;

  template <class T>
  Answer<T> start(boost::asio::awaitable<T> call) {
    auto answer = Answer<T>::of(loop, std::move(call));
    run_ready(loop);
    return answer;
  }
  boost::asio::awaitable<bool> close() {
    co_await store->close();
    co_return true;
  }
  // Of queue `q`.
  std::vector<std::string> bodies() {
    std::vector<std::string> found;
    const auto peeked = start(store->broker().peek(PeekRequest{address_of("q"), 1000}));
    if (!peeked->has_value()) return found;
    for (const PeekedMessage& seen : **peeked) found.push_back(seen.message.content.body);
    return found;
  }

  boost::asio::io_context loop;
  ManualClock clock{loop};
  std::unique_ptr<Offload> threads = make_inline_offload(loop);
  std::unique_ptr<Store> store;  // none when it was refused
  std::string refusal;
  Cancellation never;
};

}  // namespace headrace::queue
