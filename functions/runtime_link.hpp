// RuntimeLink: a worker's process that speaks the Lambda Runtime API (AWS: "Using the Lambda
// runtime API for custom runtimes"), as any unmodified Lambda runtime does.
//
// The first `next` ends init. An invocation is given to the `next` that waits, its answer arrives
// as a response or an error, and the `next` after that ends it. A call out of turn is refused and
// changes nothing. RuntimeApi finds the link of a request and calls it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"
#include "base/http.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"
#include "functions/runtime_answers.hpp"
#include "functions/runtime_seats.hpp"
#include "functions/unique_fd.hpp"
#include "functions/worker_link.hpp"

namespace headrace::functions {

class RuntimeLink final : public WorkerLink {
 public:
  // The references outlive the link.
  RuntimeLink(RuntimeSeats& seats, const FunctionConfig& config);
  ~RuntimeLink() override;
  RuntimeLink(const RuntimeLink&) = delete;
  RuntimeLink& operator=(const RuntimeLink&) = delete;

  const std::string& token() const { return token_; }

  // Kept open as long as the worker is wanted; the process dies with it.
  void hold(UniqueFd socket) { socket_ = std::move(socket); }

  void open(WorkerEvents& events) override;
  boost::asio::awaitable<void> send(const Invocation& invocation, TimePoint deadline) override;
  void ask_to_end() override { socket_ = UniqueFd(); }
  void drain() override {}
  void close() override;
  boost::asio::awaitable<void> closed() override;

  // What the process may call.
  boost::asio::awaitable<HttpResponse> next(Cancellation& cancellation);
  HttpResponse take_response(std::string_view request_id, HttpRequest request);
  HttpResponse take_error(std::string_view request_id, const HttpRequest& request);
  HttpResponse take_init_error(const HttpRequest& request);

  // The answer to a response or an error that is larger than one may be.
  HttpResponse refuse_large(std::string_view request_id);

 private:
  enum class State { kStarted, kInitError, kReady, kRunning, kResponseSent };
  struct Offer {
    const Invocation* invocation;
    TimePoint deadline;
  };

  static const char* name_of(State state);
  const Offer* offer();
  void become_ready();
  HttpResponse deliver(const Offer& offer);
  std::optional<HttpResponse> refuse(std::string_view request_id, const char* wanted_state) const;
  HttpResponse refuse_transition(const char* wanted_state) const;
  CallReport* answered();
  void fail_call(runtime_api::ReportedError reported);
  void tell_init_error();

  RuntimeSeats& seats_;
  const FunctionConfig& config_;
  std::string token_;
  UniqueFd socket_;
  WorkerEvents* events_ = nullptr;  // none before open()
  State state_ = State::kStarted;
  Offer offer_{};  // of the running call, if there is one
  std::string init_error_;
  std::string request_id_;  // of what was delivered last; empty when it has ended
  bool closed_ = false;
  std::size_t polls_ = 0;
  WaitList changed_;  // there is an offer, or the link is closed
  WaitList polls_ended_;
};

}  // namespace headrace::functions
