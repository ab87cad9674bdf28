#include "runtime/last_errors.hpp"

#include "base/codec.hpp"

namespace headrace::runtime {

void LastErrors::record(const Uuid& message, std::string_view text) {
  forget(message);
  if (by_age_.size() == kMessagesMax) forget(by_age_.front().message);
  by_age_.push_back({message, bounded_utf8(text, kTextBytesMax)});
  by_message_.emplace(message, std::prev(by_age_.end()));
}

void LastErrors::forget(const Uuid& message) {
  const auto found = by_message_.find(message);
  if (found == by_message_.end()) return;
  const ByAge::iterator entry = found->second;
  by_message_.erase(found);  // first: `message` may be the entry's own
  by_age_.erase(entry);
}

std::string LastErrors::find(const Uuid& message) const {
  const auto found = by_message_.find(message);
  return found == by_message_.end() ? std::string() : found->second->text;
}

}  // namespace headrace::runtime
