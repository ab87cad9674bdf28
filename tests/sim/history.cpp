#include "tests/sim/history.hpp"

#include <charconv>
#include <chrono>

namespace headrace::sim {

namespace {

bool equal(const queue::MessageContent& a, const queue::MessageContent& b) {
  if (a.body != b.body || a.body_md5 != b.body_md5 || a.sender_id != b.sender_id) return false;
  if (a.trace_header != b.trace_header || a.attributes.size() != b.attributes.size()) return false;
  for (std::size_t i = 0; i < a.attributes.size(); ++i) {
    if (a.attributes[i].name != b.attributes[i].name) return false;
    if (a.attributes[i].value != b.attributes[i].value) return false;
  }
  return true;
}

}  // namespace

int History::new_letter(const std::string& queue, std::int64_t delay_seconds) {
  Letter letter;
  letter.queue = queue;
  letter.delay_seconds = delay_seconds;
  letters.push_back(std::move(letter));
  return static_cast<int>(letters.size()) - 1;
}

queue::MessageContent content_of(int number) {
  const auto size = static_cast<std::size_t>(number % 16 == 7 ? 3000 : number * 7919 % 200);
  queue::MessageContent content;
  content.body =
      std::to_string(number) + "." + std::string(size, static_cast<char>('a' + number % 26));
  content.body_md5 = md5(content.body);
  content.sender_id = "AKIA";
  if (number % 3 == 0) content.trace_header = "Root=" + std::to_string(number);
  if (number % 4 == 0) {
    content.attributes.push_back(
        {"letter", "Number", queue::ValueKind::kText, std::to_string(number)});
  }
  return content;
}

const Letter* History::letter(int number) const {
  return number < 0 ? nullptr : &letters[static_cast<std::size_t>(number)];
}

bool History::is_certainly_there(const Delivery& delivery, TimePoint now) const {
  const Letter* sent = letter(delivery.letter);
  if (sent == nullptr || sent->may_be_gone) return false;
  const std::chrono::seconds retention(queues.at(delivery.queue).retention);
  return !sent->deletes.contains(delivery.message.message_id) &&
         now - delivery.message.sent < retention;
}

std::string History::group(int number) const {
  const QueueSetup& setup = home(number);
  if (!setup.fifo) return {};
  return "g" + std::to_string(static_cast<std::uint64_t>(number) % setup.groups);
}

std::string History::deduplication_id(int number) const {
  const QueueSetup& setup = home(number);
  if (!setup.fifo) return {};
  if (setup.content_based && number % 4 > 0) return hex(sha256(content_of(number).body));
  // Where each group has ids of its own, two letters in two groups have the same.
  const bool by_group = setup.deduplicates_by_group || setup.scope_changes;
  return "d" + std::to_string(by_group && setup.groups > 1 ? number / 2 : number);
}

std::optional<int> History::twin(int number) const {
  const int other = number ^ 1;
  const Letter* there = other < static_cast<int>(letters.size()) ? letter(other) : nullptr;
  if (there == nullptr || there->queue != letter(number)->queue || !home(number).fifo) return {};
  if (deduplication_id(other) != deduplication_id(number)) return {};
  return other;
}

queue::MessageContent History::content_to_send(int number) const {
  queue::MessageContent content = content_of(number);
  const QueueSetup& setup = home(number);
  content.group_id = group(number);
  if (!setup.content_based || number % 4 == 0) content.deduplication_id = deduplication_id(number);
  return content;
}

int History::find_letter(const queue::MessageContent& content) const {
  int number = -1;
  const char* begin = content.body.data();
  const auto [end, error] = std::from_chars(begin, begin + content.body.size(), number);
  if (error != std::errc{} || number < 0) return -1;
  if (number >= static_cast<int>(letters.size())) return -1;
  return equal(content, content_of(number)) ? number : -1;
}

}  // namespace headrace::sim
