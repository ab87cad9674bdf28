// FrameLink: headrace-worker, spoken to in frames over its socket (worker_protocol.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/task_group.hpp"
#include "functions/frame_decoder.hpp"
#include "functions/function.hpp"
#include "functions/worker_link.hpp"

namespace headrace::functions {

class FrameLink final : public WorkerLink {
 public:
  // The references outlive the link.
  FrameLink(boost::asio::io_context& loop, const Clock& clock, const FunctionConfig& config,
            UniqueFd socket);

  void open(WorkerEvents& events) override;
  boost::asio::awaitable<void> send(const Invocation& invocation, TimePoint deadline) override;
  void ask_to_end() override;
  void drain() override;
  void close() override;
  boost::asio::awaitable<void> closed() override;

 private:
  // What the running call, if there is one, is about.
  struct Call {
    const Event* event = nullptr;
    std::vector<bool> failed;  // by record, once the first failed
    std::size_t reason_bytes = 0;
    bool event_sent = false;
  };

  boost::asio::awaitable<void> read_frames();
  boost::asio::awaitable<void> send_frame(std::string frame);
  void take_frames(std::string_view bytes);
  bool take_frame(const Frame& frame);
  bool take_call_frame(const Frame& frame, CallReport& report);
  bool take_ready();
  bool take_done(PayloadReader payload, CallReport& report);
  bool take_event_wanted();
  bool take_error(PayloadReader payload);
  bool take_record_failure(PayloadReader payload, CallReport& report);
  bool take_log(PayloadReader payload);

  const Clock& clock_;
  const FunctionConfig& config_;
  WorkerEvents* events_ = nullptr;  // none before open()
  boost::asio::local::stream_protocol::socket socket_;
  FrameDecoder decoder_;
  bool ready_ = false;
  bool broken_ = false;
  Call call_;
  TaskGroup tasks_;
};

}  // namespace headrace::functions
