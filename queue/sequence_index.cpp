#include "queue/sequence_index.hpp"

#include "base/check.hpp"

namespace headrace::queue {

void SequenceIndex::insert(Sequence sequence, Slot slot) {
  const std::uint64_t page = sequence.value() / kPageSize;
  if (pages_.empty()) first_page_ = page;
  HR_CHECK(page >= first_page_);
  while (first_page_ + pages_.size() <= page) pages_.emplace_back();
  auto& place = pages_[page - first_page_];
  if (!place) place = std::make_unique<Page>();
  place->slots[sequence.value() % kPageSize] = slot;
  ++place->live;
}

void SequenceIndex::erase(Sequence sequence) {
  const std::uint64_t page = sequence.value() / kPageSize;
  HR_CHECK(page >= first_page_ && page < first_page_ + pages_.size());
  auto& place = pages_[page - first_page_];
  HR_CHECK(place != nullptr);
  place->slots[sequence.value() % kPageSize] = kNoSlot;
  if (--place->live > 0) return;
  place.reset();
  while (!pages_.empty() && !pages_.front()) {
    pages_.pop_front();
    ++first_page_;
  }
}

Slot SequenceIndex::find(Sequence sequence) const {
  const std::uint64_t page = sequence.value() / kPageSize;
  if (page < first_page_ || page >= first_page_ + pages_.size()) return kNoSlot;
  const auto& place = pages_[page - first_page_];
  return place ? place->slots[sequence.value() % kPageSize] : kNoSlot;
}

Slot SequenceIndex::first_from(Sequence from) const {
  std::uint64_t page = from.value() / kPageSize;
  std::size_t index = from.value() % kPageSize;
  if (page < first_page_) {
    page = first_page_;
    index = 0;
  }
  for (; page < first_page_ + pages_.size(); ++page, index = 0) {
    const auto& place = pages_[page - first_page_];
    if (!place) continue;
    for (; index < kPageSize; ++index) {
      if (place->slots[index] != kNoSlot) return place->slots[index];
    }
  }
  return kNoSlot;
}

}  // namespace headrace::queue
