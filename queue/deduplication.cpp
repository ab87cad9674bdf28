#include "queue/deduplication.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

constexpr Duration kInterval = std::chrono::seconds(kDeduplicationSeconds);

}  // namespace

TextHasher::TextHasher(const HandleKey& key) {
  std::copy_n(key.begin(), first_key_.size(), first_key_.begin());
  std::copy_n(key.begin() + first_key_.size(), second_key_.size(), second_key_.begin());
}

std::uint64_t TextHasher::hash(std::string_view text) const {
  return text.empty() ? 0 : siphash(first_key_, text);
}

DeduplicationKey TextHasher::key_of(std::string_view deduplication_id,
                                    std::string_view group) const {
  return DeduplicationKey{siphash(first_key_, deduplication_id),
                          static_cast<std::uint32_t>(siphash(second_key_, deduplication_id)),
                          hash(group)};
}

Deduplication DeduplicationTable::unpack(const Entry& entry) {
  return Deduplication{DeduplicationKey{entry.id, entry.id_more, entry.group}, entry.message_id,
                       Sequence(entry.sequence), from_epoch_ms(entry.sent_ms)};
}

std::optional<Deduplication> DeduplicationTable::find(const DeduplicationKey& key, bool any_group,
                                                      TimePoint now) const {
  for (std::uint32_t number = by_id_.first(key.id); number != HashIndex::kNone;) {
    const Entry& entry = numbered(number);
    number = entry.next;
    if (entry.id != key.id || entry.id_more != key.id_more) continue;
    if (!any_group && entry.group != key.group) continue;
    if (now - from_epoch_ms(entry.sent_ms) < kInterval) return unpack(entry);
  }
  return std::nullopt;
}

void DeduplicationTable::add(const Deduplication& sent) {
  HR_CHECK(entries_.size() < kNumberMask);
  const auto number = (first_number_ + static_cast<std::uint32_t>(entries_.size())) & kNumberMask;
  entries_.push_back(Entry{sent.key.id, sent.key.group, sent.message_id, sent.sequence.value(),
                           to_epoch_ms(sent.sent), sent.key.id_more, HashIndex::kNone});
  Chain chain{*this};
  by_id_.insert(chain, number);
}

bool DeduplicationTable::has_room(TimePoint now) const {
  return entries_.size() < kDeduplicationsMax ||
         now - from_epoch_ms(entries_.front().sent_ms) >= kInterval;
}

std::size_t DeduplicationTable::expire(TimePoint now, std::size_t budget) {
  std::size_t over = 0;
  while (over < std::min(budget, entries_.size()) &&
         now - from_epoch_ms(entries_[over].sent_ms) >= kInterval) {
    ++over;
  }
  return drop(over);
}

std::size_t DeduplicationTable::drop(std::size_t budget) {
  const std::size_t dropped = std::min(budget, entries_.size());
  Chain chain{*this};
  for (std::size_t i = 0; i < dropped; ++i) {
    by_id_.erase(chain, first_number_);
    entries_.pop_front();
    first_number_ = (first_number_ + 1) & kNumberMask;
  }
  return dropped;
}

TimePoint DeduplicationTable::all_over() const {
  return entries_.empty() ? kForever : from_epoch_ms(entries_.back().sent_ms) + kInterval;
}

std::optional<Deduplication> DeduplicationTable::from(Sequence sequence) const {
  const auto found = std::lower_bound(
      entries_.begin(), entries_.end(), sequence.value(),
      [](const Entry& entry, std::uint64_t value) { return entry.sequence < value; });
  return found == entries_.end() ? std::nullopt : std::optional(unpack(*found));
}

}  // namespace headrace::queue
