#include "runtime/mapping_scaler.hpp"

#include <algorithm>

namespace headrace::runtime {

MappingScaler::MappingScaler(const ScalerRules& rules, TimePoint now)
    : rules_(rules), allowed_(rules.ceiling), next_step_(kForever) {
  if (rules_.scaling == Scaling::kFast) return;
  rules_.ceiling = std::min(rules_.ceiling, kAwsMax);
  allowed_ = at_most(kAwsStart);
  next_step_ = now + kAwsStep;
}

std::size_t MappingScaler::at_most(std::size_t count) const {
  return std::min(count, rules_.ceiling);
}

void MappingScaler::backlog_began(TimePoint now, Duration rested, std::size_t in_work) {
  if (rules_.scaling == Scaling::kFast) return;
  if (rested < kAwsRest) {
    next_step_ += rested;  // growth stood still meanwhile
    return;
  }
  next_step_ = now + kAwsStep;
  const bool fewest = rested >= kAwsLongRest && rules_.rests_at_two;
  allowed_ = at_most(std::max(fewest ? kAwsFewest : kAwsStart, in_work));
}

void MappingScaler::function_failed(TimePoint now) {
  if (rules_.scaling == Scaling::kFast || !rules_.slows_on_errors) return;
  allowed_ = std::max(allowed_ - 1, at_most(kAwsFewest));
  next_step_ = now + kAwsStep;
}

std::size_t MappingScaler::allowed(TimePoint now) {
  if (now < next_step_) return allowed_;
  const Duration::rep steps = (now - next_step_) / kAwsStep + 1;
  const Duration::rep missing = static_cast<Duration::rep>(rules_.ceiling - allowed_);
  allowed_ += static_cast<std::size_t>(std::min(steps, missing));
  next_step_ += kAwsStep * steps;
  return allowed_;
}

TimePoint MappingScaler::grows_at() const {
  return allowed_ < rules_.ceiling ? next_step_ : kForever;
}

}  // namespace headrace::runtime
