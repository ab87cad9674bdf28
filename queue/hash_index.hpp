// HashIndex: finds numbered things by their hash. Chains in buckets, one bucket more per insert
// once full (linear hashing): no insert ever pays for a table of millions being made anew.
//
// The things live elsewhere; `Chain` tells of thing `n`: hash_of(n), and next_of(n), a field that
// is ours. Numbers are any but kNone.
#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <utility>

namespace headrace::queue {

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The chain of things that may have this hash: follow next_of, compare hashes.
  std::uint32_t first(std::uint64_t hash) const {
    return buckets_.empty() ? kNone : buckets_[bucket_of(hash)];
  }

  template <class Chain>
  void insert(Chain& chain, std::uint32_t number) {
    if (size_++ == buckets_.size()) grow(chain);
    push(chain, bucket_of(chain.hash_of(number)), number);
  }

  template <class Chain>
  void erase(Chain& chain, std::uint32_t number) {
    std::uint32_t* link = &buckets_[bucket_of(chain.hash_of(number))];
    while (*link != number) link = &chain.next_of(*link);
    *link = chain.next_of(number);
    if (--size_ < buckets_.size() / 4) shrink(chain);
  }

 private:
  static std::uint64_t twin_of(std::uint64_t bucket) { return bucket - std::bit_floor(bucket); }

  std::uint64_t bucket_of(std::uint64_t hash) const {
    const std::uint64_t bucket = hash & (std::bit_floor(buckets_.size()) * 2 - 1);
    return bucket < buckets_.size() ? bucket : twin_of(bucket);
  }

  template <class Chain>
  void push(Chain& chain, std::uint64_t bucket, std::uint32_t number) {
    chain.next_of(number) = buckets_[bucket];
    buckets_[bucket] = number;
  }

  // Adds a bucket, which takes its part of its twin's chain.
  template <class Chain>
  void grow(Chain& chain) {
    const std::uint64_t bucket = buckets_.size();
    buckets_.push_back(kNone);
    if (bucket == 0) return;
    spread(chain, std::exchange(buckets_[twin_of(bucket)], kNone));
  }

  // Gives the last bucket's chain back to its twin.
  template <class Chain>
  void shrink(Chain& chain) {
    const std::uint32_t chained = buckets_.back();
    buckets_.pop_back();
    spread(chain, chained);
  }

  template <class Chain>
  void spread(Chain& chain, std::uint32_t number) {
    while (number != kNone) {
      const std::uint32_t next = chain.next_of(number);
      push(chain, bucket_of(chain.hash_of(number)), number);
      number = next;
    }
  }

  std::deque<std::uint32_t> buckets_;
  std::size_t size_ = 0;
};

}  // namespace headrace::queue
