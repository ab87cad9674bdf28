#include "tests/sim/leases.hpp"

#include <algorithm>
#include <chrono>

namespace headrace::sim {

TimePoint Leases::Change::end() const { return span.called + std::chrono::seconds(asked); }

void Leases::handed_out(const Delivery& delivery) {
  if (is_late(delivery)) return;
  Lease& lease = leases_[delivery.message.message_id];
  lease.fifo = delivery.message.sequence.has_value();
  lease.count = delivery.message.receive_count;
  lease.handle = delivery.message.receipt_handle;
  lease.answered = delivery.span.answer;
  // The lease began when it was asked for or later, and not before the last one ended. A repetition
  // begins within the one it repeats.
  const TimePoint began =
      delivery.again ? delivery.span.called : std::max(delivery.span.called, lease.not_before);
  lease.not_before = began + std::chrono::seconds(delivery.visibility.least);
  lease.last_event = delivery.span.answer;
  lease.extended_at = 0;
  // A change that was under way may have come after the receive.
  std::erase_if(lease.changes, [&delivery](const Change& change) {
    return change.span.answer > 0 && change.span.answer < delivery.span.call;
  });
  for (const Change& change : lease.changes)
    lease.not_before = std::min(lease.not_before, change.end());
}

void Leases::change_asked(const Uuid& id, const Span& span, std::int64_t asked) {
  Lease& lease = leases_[id];
  lease.changes.push_back({span, asked});
  lease.not_before = std::min(lease.not_before, lease.changes.back().end());
  lease.last_event = span.call;
  lease.extended_at = 0;
}

void Leases::changed(const Uuid& id, const Span& span, std::int64_t asked) {
  Lease& lease = leases_[id];
  bool alone = lease.last_event == span.call;
  for (Change& change : lease.changes) {
    if (change.span.call == span.call) change.span.answer = span.answer;
    if (change.span.answer == 0 || change.span.answer > span.call) {
      alone = alone && change.span.call == span.call;
    }
  }
  // Only when nothing else happened to the lease meanwhile is it known which change came last.
  if (!alone) return;
  lease.extended_at = span.answer;
  lease.extended_until = span.called + std::chrono::seconds(asked);
}

void Leases::server_died() {
  for (auto& [id, lease] : leases_) {
    std::erase_if(lease.changes, [](const Change& change) { return change.span.answer == 0; });
  }
}

void Leases::forget_standard() {
  std::erase_if(leases_, [](const auto& lease) { return !lease.second.fifo; });
}

TimePoint Leases::held_until(const Uuid& id, Moment call) const {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return TimePoint();
  const Lease& lease = found->second;
  // An extension binds only calls that began after it.
  const bool extended = lease.extended_at > 0 && lease.extended_at < call;
  return extended ? std::max(lease.not_before, lease.extended_until) : lease.not_before;
}

bool Leases::is_late(const Delivery& delivery) const {
  const auto found = leases_.find(delivery.message.message_id);
  return found != leases_.end() && delivery.message.receive_count < found->second.count;
}

std::string Leases::holder(const Uuid& id, Moment call) const {
  const auto found = leases_.find(id);
  if (found == leases_.end() || found->second.answered >= call) return {};
  return found->second.handle;
}

}  // namespace headrace::sim
