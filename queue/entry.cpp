#include "queue/entry.hpp"

namespace headrace::queue {

Slot Slab::take() {
  ++used_;
  if (free_ != kNoSlot) {
    const Slot slot = free_;
    free_ = (*this)[slot].next;
    (*this)[slot] = Entry{};
    return slot;
  }
  if (made_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
  return static_cast<Slot>(made_++);
}

void Slab::give_back(Slot slot) {
  --used_;
  (*this)[slot].next = free_;
  free_ = slot;
}

}  // namespace headrace::queue
