// LastErrors: why a message failed the last time, for who looks into a dead-letter queue.
//
// Filled by the event source mapper, read by the admin API. Bounded: the oldest are forgotten. Loop
// thread only.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "functions/limits.hpp"

namespace headrace::runtime {

class LastErrors {
 public:
  static constexpr std::size_t kMessagesMax = 10'000;
  static constexpr std::size_t kTextBytesMax = functions::kReasonBytesMax;

  // A later error of the same message replaces the earlier one.
  void record(const Uuid& message, std::string_view text);

  // The message was handled after all.
  void forget(const Uuid& message);

  // Empty when nothing is known.
  std::string find(const Uuid& message) const;

  std::size_t size() const { return by_age_.size(); }

 private:
  struct Entry {
    Uuid message;
    std::string text;
  };
  using ByAge = std::list<Entry>;  // oldest first

  ByAge by_age_;
  std::map<Uuid, ByAge::iterator> by_message_;
};

}  // namespace headrace::runtime
