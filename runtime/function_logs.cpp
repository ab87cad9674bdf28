#include "runtime/function_logs.hpp"

#include <algorithm>

#include "base/codec.hpp"

namespace headrace::runtime {

void FunctionLogs::append(std::string_view function, std::string_view text) {
  FunctionLogLine line;
  line.sequence = ++last_sequence_;
  line.time = clock_.now();
  line.function = function;
  line.text = bounded_utf8(text, kLineBytesMax);
  bytes_ += line.text.size();
  lines_.push_back(std::move(line));
  while (lines_.size() > kLinesMax || bytes_ > kBytesMax) {
    bytes_ -= lines_.front().text.size();
    lines_.pop_front();
  }
  arrivals_.notify_all();
}

std::vector<FunctionLogLine> FunctionLogs::find(const FunctionLogQuery& query) const {
  std::vector<FunctionLogLine> found;
  const std::uint64_t dropped = last_sequence_ - lines_.size();
  const std::uint64_t known = std::clamp(query.after, dropped, last_sequence_);
  for (auto line = lines_.begin() + static_cast<std::ptrdiff_t>(known - dropped);
       line != lines_.end() && found.size() < kLinesPerAnswerMax; ++line) {
    if (query.function.empty() || line->function == query.function) found.push_back(*line);
  }
  return found;
}

boost::asio::awaitable<std::vector<FunctionLogLine>> FunctionLogs::wait_for(
    FunctionLogQuery query, Duration wait, Cancellation& cancellation) {
  const TimePoint deadline = clock_.now() + wait;
  std::vector<FunctionLogLine> lines = find(query);
  bool waits = wait > Duration(0);
  cancellation.on_request([this] { arrivals_.notify_all(); });
  while (lines.empty() && waits && !cancellation.requested()) {
    waits = co_await arrivals_.wait_until(clock_, deadline);
    lines = find(query);
  }
  cancellation.clear_hook();
  co_return lines;
}

}  // namespace headrace::runtime
