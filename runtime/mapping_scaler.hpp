// MappingScaler: how many batches of a mapping may be in work at one time. Pure: it is told what
// happened and when, and the same calls give the same answers.
//
// `fast` allows as many as there may ever be: the backlog decides how many are used. `aws` does
// what Lambda does for a standard queue (spec/event-source-mapping 3.1, 3.4): five, 300 more a
// minute while messages remain, at most 1,250, fewer after function errors, and back to five or two
// when the queue rests. How fast it slows down is ours: AWS does not say.
#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace headrace::runtime {

enum class Scaling { kFast, kAws };

struct ScalerRules {
  Scaling scaling = Scaling::kFast;
  std::size_t ceiling = 1;      // MaximumConcurrency, and what the function can run at one time
  bool rests_at_two = true;     // AWS: not with MaximumConcurrency
  bool slows_on_errors = true;  // AWS: not with ReportBatchItemFailures
};

class MappingScaler {
 public:
  static constexpr std::size_t kAwsStart = 5;
  static constexpr std::size_t kAwsFewest = 2;
  static constexpr std::size_t kAwsMax = 1250;
  static constexpr Duration kAwsStep{200};         // 300 a minute
  static constexpr Duration kAwsRest{20'000};      // without messages: back to the start
  static constexpr Duration kAwsLongRest{60'000};  // and to the fewest; ours

  MappingScaler(const ScalerRules& rules, TimePoint now);

  // There are messages, after none for this long. What is in work still stays allowed.
  void backlog_began(TimePoint now, Duration rested, std::size_t in_work);
  // A batch failed as a whole: one batch fewer, and growth begins anew.
  void function_failed(TimePoint now);

  // How many batches may be in work now, while there are messages.
  std::size_t allowed(TimePoint now);
  // When that will be more, if nothing else happens; kForever when it will not.
  TimePoint grows_at() const;
  // The most there may ever be.
  std::size_t ceiling() const { return rules_.ceiling; }

 private:
  std::size_t at_most(std::size_t count) const;

  ScalerRules rules_;
  std::size_t allowed_;
  TimePoint next_step_;
};

}  // namespace headrace::runtime
