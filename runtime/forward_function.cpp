#include "runtime/forward_function.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/codec.hpp"

namespace headrace::runtime {

namespace {

using functions::InvocationResult;
using functions::Record;
using Indices = std::vector<std::uint32_t>;

// Messages of a standard queue sent with one request.
constexpr std::size_t kForwardedTogether = 100;

bool is_fifo(const queue::QueueAddress& address) { return address.name.ends_with(".fifo"); }

queue::MessageAttribute to_attribute(const functions::MessageAttribute& attribute) {
  queue::MessageAttribute made;
  made.name = attribute.name;
  made.data_type = attribute.data_type;
  made.value = attribute.value;
  made.kind = attribute.kind == functions::AttributeKind::kBinary ? queue::ValueKind::kBinary
                                                                  : queue::ValueKind::kText;
  return made;
}

queue::SendEntry to_entry(const Record& record, const queue::QueueAddress& target) {
  queue::SendEntry entry;
  queue::MessageContent& content = entry.content;
  content.body = record.body;
  content.body_md5 = md5(record.body);
  for (const auto& attribute : record.attributes) {
    content.attributes.push_back(to_attribute(attribute));
  }
  content.sender_id = record.sender_id;
  content.trace_header = record.trace_header;
  content.group_id = record.group_id;
  if (is_fifo(target)) {
    // A message of a standard queue without a group has no order to keep.
    if (content.group_id.empty()) content.group_id = record.message_id;
    // Not the one it came with: the source's memory may have ended in between, or been of its group
    // only, and what the target takes for a repetition is gone.
    content.deduplication_id = record.message_id;
  }
  return entry;
}

class Forwarding {
 public:
  Forwarding(queue::Broker& broker, const queue::QueueAddress& target,
             const functions::Event& event)
      : broker_(broker), target_(target), event_(event) {}

  boost::asio::awaitable<InvocationResult> run() {
    result_.outcome = functions::Outcome::kSucceeded;
    // Order is kept by sending what has one, one after the other.
    const bool ordered = !event_.records.empty() && !event_.records.front().sequence_number.empty();
    const std::size_t step = ordered ? 1 : kForwardedTogether;
    for (std::size_t begin = 0; begin < event_.records.size(); begin += step) {
      const std::size_t end = std::min(begin + step, event_.records.size());
      co_await send(begin, end);
    }
    co_return std::move(result_);
  }

 private:
  boost::asio::awaitable<void> send(std::size_t begin, std::size_t end) {
    queue::SendRequest request;
    request.address = target_;
    Indices sent;
    for (std::size_t i = begin; i < end; ++i) {
      const Record& record = event_.records[i];
      if (failed_groups_.contains(record.group_id)) {
        fail(i, "an earlier message of its group could not be sent");
        continue;
      }
      request.entries.push_back(to_entry(record, target_));
      sent.push_back(static_cast<std::uint32_t>(i));
    }
    if (sent.empty()) co_return;
    const auto results = co_await broker_.send(std::move(request));
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (!results) {
        fail(sent[i], results.error().message);
      } else if (!(*results)[i]) {
        fail(sent[i], (*results)[i].error().message);
      }
    }
  }

  void fail(std::size_t index, const std::string& reason) {
    result_.record_failures.push_back(
        {static_cast<std::uint32_t>(index), target_.name + ": " + reason});
    const Record& record = event_.records[index];
    if (!record.sequence_number.empty()) failed_groups_.insert(record.group_id);
  }

  queue::Broker& broker_;
  const queue::QueueAddress& target_;
  const functions::Event& event_;
  InvocationResult result_;
  std::set<std::string> failed_groups_;
};

boost::asio::awaitable<InvocationResult> forward(queue::Broker& broker, queue::QueueAddress target,
                                                 const functions::Invocation& invocation) {
  Forwarding forwarding(broker, target, *invocation.event);
  InvocationResult result = co_await forwarding.run();
  co_return result;
}

}  // namespace

functions::BuiltinAction make_forward(queue::Broker& broker, queue::QueueAddress target) {
  return [&broker, target = std::move(target)](const functions::Invocation& invocation) {
    return forward(broker, target, invocation);
  };
}

}  // namespace headrace::runtime
