// The promises of the queues, one class each, and the events they are told of. Each says the first
// time it sees itself broken. docs/architecture.md and the README name the same promises.
// What FIFO queues promise beside this: fifo_promises.hpp.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/sim/history.hpp"

namespace headrace::sim {

class Promise {
 public:
  using Break = std::function<void(const std::string& what)>;

  virtual ~Promise() = default;
  virtual const char* name() const = 0;

  virtual void on_stored(const Stored&) {}
  virtual void on_delivered(const Delivery&) {}
  // A whole answer, before each of its messages.
  virtual void on_received(const Received&) {}
  virtual void on_change_asked(const Uuid&, const Span&, std::int64_t /*seconds*/) {}
  virtual void on_changed(const Uuid&, const Span&, std::int64_t /*seconds*/) {}
  virtual void on_deleted(const std::string& /*queue*/, const Uuid&, const Span&) {}
  // FIFO: a handle was used, and this was the answer.
  virtual void on_handle_used(const HandleUse&) {}
  // A purge, or the deletion of the queue.
  virtual void on_emptied(const std::string& /*queue*/, const Span&) {}
  // Sequences that left the queue in a redrive that was acknowledged.
  virtual void on_redriven(const std::string& /*queue*/, const std::set<std::uint64_t>&) {}
  // An answer that waited until its record was durable: so is all that was answered before its
  // call.
  virtual void on_durable(Moment /*call*/) {}
  // What is open gets no answer, and happened before or never will.
  virtual void on_server_died() {}
  virtual void on_power_cut() {}
  virtual void on_inventory(const Inventory&) {}

  Break broken;  // set by Promises
};

std::string describe(const Delivery& delivery);

class Promises {
 public:
  // `broken` hears the promise's name and what it saw.
  Promises(const History& history,
           const std::function<void(const std::string& promise, const std::string& what)>& broken);

  template <class Event, class... Arguments>
  void tell(Event event, const Arguments&... arguments) {
    for (const auto& promise : all_) ((*promise).*event)(arguments...);
  }

 private:
  std::vector<std::unique_ptr<Promise>> all_;
};

}  // namespace headrace::sim
