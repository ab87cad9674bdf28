// Deduplication: what a FIFO queue was sent in the last five minutes, whatever became of it since
// (spec 7.2). 96 bits of a keyed hash stand for a deduplication id: no sender can make two ids
// meet, and by chance they will not.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "queue/hash_index.hpp"
#include "queue/message.hpp"
#include "queue/receipt_handle.hpp"

namespace headrace::queue {

struct DeduplicationKey {
  std::uint64_t id = 0;
  std::uint32_t id_more = 0;
  std::uint64_t group = 0;
};

// The same text has the same hash on every server of one data directory.
class TextHasher {
 public:
  explicit TextHasher(const HandleKey& key);
  std::uint64_t hash(std::string_view text) const;
  DeduplicationKey key_of(std::string_view deduplication_id, std::string_view group) const;

 private:
  std::array<std::uint8_t, 16> first_key_;
  std::array<std::uint8_t, 16> second_key_;
};

// An accepted send.
struct Deduplication {
  DeduplicationKey key;
  Uuid message_id{};
  Sequence sequence;
  TimePoint sent;
};

class DeduplicationTable {
 public:
  // The accepted send that makes one at `now` its duplicate; null when there is none.
  // `any_group`: the id counts in all groups (DeduplicationScope queue).
  std::optional<Deduplication> find(const DeduplicationKey& key, bool any_group,
                                    TimePoint now) const;

  // Sends come in the order of their time.
  void add(const Deduplication& sent);

  // False when an entry more would make it too large.
  bool has_room(TimePoint now) const;

  // Drops at most `budget` entries whose time is over; returns how many.
  std::size_t expire(TimePoint now, std::size_t budget);
  // The same of any age.
  std::size_t drop(std::size_t budget);
  // When the youngest entry is over; kForever when there is none.
  TimePoint all_over() const;

  std::size_t size() const { return entries_.size(); }
  // For a snapshot: the first entry whose sequence is at least this.
  std::optional<Deduplication> from(Sequence sequence) const;

 private:
  struct Entry {
    std::uint64_t id;
    std::uint64_t group;
    Uuid message_id;
    std::uint64_t sequence;
    std::int64_t sent_ms;
    std::uint32_t id_more;
    std::uint32_t next;
  };
  static_assert(sizeof(Entry) <= 56, "design 6: <= 64 bytes per entry, with its bucket");

  // Entries are numbered in the order they came, around 31 bits.
  static constexpr std::uint32_t kNumberMask = INT32_MAX;
  struct Chain {
    DeduplicationTable& table;
    std::uint64_t hash_of(std::uint32_t number) const { return table.numbered(number).id; }
    std::uint32_t& next_of(std::uint32_t number) { return table.numbered(number).next; }
  };
  Entry& numbered(std::uint32_t number) { return entries_[(number - first_number_) & kNumberMask]; }
  const Entry& numbered(std::uint32_t number) const {
    return entries_[(number - first_number_) & kNumberMask];
  }
  static Deduplication unpack(const Entry& entry);

  std::deque<Entry> entries_;
  std::uint32_t first_number_ = 0;
  HashIndex by_id_;
};

}  // namespace headrace::queue
