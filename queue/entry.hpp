// Entry: all that memory keeps of one message, and the slab that holds the entries of all queues.
// The body and attributes stay in the journal.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "queue/message.hpp"
#include "queue/record.hpp"

namespace headrace::queue {

// Place of an entry in the slab; steady while the message lives.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

// A live MessageGroupId of one queue; 0 is "none".
using GroupNumber = std::uint32_t;

struct Entry {
  Sequence sequence;
  std::uint64_t body_place = 0;
  std::int64_t sent_ms = 0;  // where retention counts from: the send, or arrival in a FIFO DLQ
  std::int64_t due_ms = 0;   // end of the delay or the lease
  std::uint32_t body_size = 0;
  std::uint32_t event_bytes = 0;
  std::uint32_t first_received_after_ms = 0;  // since sent; retention keeps both below 49 days
  std::uint32_t last_received_after_ms = 0;
  std::uint32_t receive_count = 0;   // as AWS shows it: goes on in the dead-letter queue
  std::uint32_t receive_number = 0;  // receives in this queue
  std::uint32_t lsn_low = 0;         // low half of the LSN that brought the message here
  Slot previous = kNoSlot;           // in its group's list
  Slot next = kNoSlot;               // the same, or the next free slot
  GroupNumber group = 0;
  std::uint32_t heap_position = 0;  // while delayed or in flight
  std::uint32_t source_queue = 0;   // QueueId it was dead-lettered from; 0 when none
  MessageState state = MessageState::kVisible;
  bool moved_in = false;    // arrived by a move: sent_ms may be older than its neighbours'
  bool has_origin = false;  // MessageStore::origin knows more of where it came from
  bool round = false;       // Slab::round() of the last snapshot that holds it or began before it

  TimePoint sent() const { return from_epoch_ms(sent_ms); }
  TimePoint due() const { return from_epoch_ms(due_ms); }
  BodyRef body() const { return BodyRef{body_place, body_size}; }
};
static_assert(sizeof(Entry) <= 88, "design 6: index <= 100 bytes per standard message");

class Slab {
 public:
  Slot take();
  void give_back(Slot slot);
  Entry& operator[](Slot slot) { return chunks_[slot / kChunk]->entries[slot % kChunk]; }
  const Entry& operator[](Slot slot) const {
    return chunks_[slot / kChunk]->entries[slot % kChunk];
  }
  std::size_t size() const { return used_; }

  // Turns over when a snapshot begins: what has another round is still to be captured.
  bool round() const { return round_; }
  void begin_round() { round_ = !round_; }

 private:
  static constexpr std::size_t kChunk = 1024;
  struct Chunk {
    std::array<Entry, kChunk> entries;
  };

  std::vector<std::unique_ptr<Chunk>> chunks_;
  Slot free_ = kNoSlot;
  std::size_t used_ = 0;
  std::size_t made_ = 0;
  bool round_ = false;
};

}  // namespace headrace::queue
