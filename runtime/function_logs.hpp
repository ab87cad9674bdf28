// FunctionLogs: the recent log lines of all functions, for `headrace logs`.
//
// A ring in memory: the oldest lines make room. Lines are numbered from 1 without gaps, so a reader
// asks for what came after the last one it has. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/wait_list.hpp"

namespace headrace::runtime {

struct FunctionLogLine {
  std::uint64_t sequence = 0;
  TimePoint time;
  std::string function;
  std::string text;
};

// Lines after `sequence`, of one function or, when the name is empty, of all.
struct FunctionLogQuery {
  std::uint64_t after = 0;
  std::string function;
};

class FunctionLogs {
 public:
  static constexpr std::size_t kLinesMax = 10'000;
  static constexpr std::size_t kBytesMax = std::size_t{4} << 20;  // of all texts together
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 10;
  static constexpr std::size_t kLinesPerAnswerMax = 1000;
  static constexpr std::size_t kFollowersMax = 64;

  explicit FunctionLogs(Clock& clock) : clock_(clock) {}

  void append(std::string_view function, std::string_view text);

  // At most kLinesPerAnswerMax lines, oldest first.
  std::vector<FunctionLogLine> find(const FunctionLogQuery& query) const;

  // As find, but waits up to `wait` until there is at least one line. Ends early, perhaps empty,
  // when the caller is gone.
  boost::asio::awaitable<std::vector<FunctionLogLine>> wait_for(FunctionLogQuery query,
                                                                Duration wait,
                                                                Cancellation& cancellation);

  // How many wait now; whoever lets them wait keeps it at kFollowersMax.
  std::size_t followers() const { return arrivals_.size(); }
  std::uint64_t last_sequence() const { return last_sequence_; }

 private:
  Clock& clock_;
  std::deque<FunctionLogLine> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_sequence_ = 0;
  WaitList arrivals_;
};

}  // namespace headrace::runtime
