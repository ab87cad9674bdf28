// Function: what the event source mapper invokes, whatever runs behind it.
//
// The order of use is slot, lease, invoke: a slot is taken before messages are received, so nothing
// is leased that no worker could handle. Loop thread only. The owner awaits stop() before
// destroying a function, and gives all slots back before that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "functions/event.hpp"
#include "functions/function_config.hpp"

namespace headrace::functions {

enum class Outcome {
  kSucceeded,
  kFailed,     // a function error: threw, crashed, timed out, answered nonsense
  kThrottled,  // did not run; the batch is held and tried again
};

// A record that a native handler reported as failed, alone.
struct RecordFailure {
  std::uint32_t index = 0;  // in Event::records; each at most once
  std::string reason;
};

struct Invocation {
  std::string request_id;
  const Event* event = nullptr;  // outlives the call
  std::string client_context{};  // JSON without line breaks, of who invoked; mostly empty
};

struct InvocationResult {
  Outcome outcome = Outcome::kFailed;
  std::string payload;  // the answer, or the error, as JSON; may be empty
  std::vector<RecordFailure> record_failures;
  std::string error_type;     // "Sandbox.Timedout", "Runtime.ExitError", what a handler threw
  std::string error_message;  // of what was throttled: who said so
  std::vector<std::string> log_lines;
  std::string version;                  // of the function that ran; empty: the one it has
  std::optional<Duration> retry_after;  // kThrottled only, when the function named one
  std::int64_t duration_us = 0;
  std::int64_t init_us = 0;  // of a worker's start, in its first result; 0 when warm
  std::int64_t max_memory_bytes = 0;
};

// Who gives out slots.
class SlotOwner {
 public:
  virtual void give_back(std::uint64_t slot_id) = 0;

 protected:
  ~SlotOwner() = default;
};

// Permission for one running invocation. Destroying it gives it back.
class Slot {
 public:
  Slot() = default;
  Slot(SlotOwner& owner, std::uint64_t id) : owner_(&owner), id_(id) {}
  Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
  Slot& operator=(Slot&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Slot() {
    if (owner_ != nullptr) owner_->give_back(id_);
  }

  explicit operator bool() const { return owner_ != nullptr; }
  std::uint64_t id() const { return id_; }

 private:
  SlotOwner* owner_ = nullptr;
  std::uint64_t id_ = 0;
};

class Function {
 public:
  virtual ~Function() = default;

  virtual const FunctionConfig& config() const = 0;

  // Suspends until an invocation may start at once: a slot is free and a worker has finished its
  // init. An error says why the function cannot run (its init failed, it is stopping); the next
  // call tries again. Cancelling the coroutine ends the wait.
  virtual boost::asio::awaitable<Result<Slot>> acquire_slot() = 0;

  // Runs one batch. Every way in which a function can fail is a result, never an exception.
  virtual boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) = 0;

  // Refuses new slots, also to those who wait for one already, and ends workers that only start.
  // For a server that is told to stop: stop() does this too, and more.
  virtual void begin_stop() {}

  // Refuses new slots, waits for running invocations (their timeout bounds the wait), ends workers.
  virtual boost::asio::awaitable<void> stop() = 0;

  virtual std::size_t running() const = 0;  // slots in use
  virtual std::size_t limit() const = 0;    // most slots at one time
};

}  // namespace headrace::functions
