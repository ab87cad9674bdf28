// SequenceIndex: sequence -> slot, for sequences that only grow. Pages of 512 in a row; an empty
// page is freed, so the cost follows the live messages and no operation ever rehashes.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>

#include "queue/entry.hpp"

namespace headrace::queue {

class SequenceIndex {
 public:
  // `sequence` must be above every one inserted before.
  void insert(Sequence sequence, Slot slot);
  void erase(Sequence sequence);
  Slot find(Sequence sequence) const;  // kNoSlot when there is none

  // The live message with the lowest sequence >= `from`; kNoSlot when there is none.
  Slot first_from(Sequence from) const;

 private:
  static constexpr std::size_t kPageSize = 512;
  struct Page {
    Page() { slots.fill(kNoSlot); }
    std::array<Slot, kPageSize> slots;
    std::size_t live = 0;
  };

  std::deque<std::unique_ptr<Page>> pages_;
  std::uint64_t first_page_ = 0;  // number of pages_.front()
};

}  // namespace headrace::queue
