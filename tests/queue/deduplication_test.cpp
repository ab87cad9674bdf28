// The table of remembered sends, and the index it stands on.
#include "queue/deduplication.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace headrace::queue {
namespace {

using namespace std::chrono_literals;

// Things in a vector, many of them with the same hash.
struct Things {
  struct Thing {
    std::uint64_t hash;
    std::uint32_t next = HashIndex::kNone;
  };
  std::vector<Thing> things;
  std::uint64_t hash_of(std::uint32_t number) const { return things[number].hash; }
  std::uint32_t& next_of(std::uint32_t number) { return things[number].next; }
};

std::set<std::uint32_t> found(const HashIndex& index, Things& things, std::uint64_t hash) {
  std::set<std::uint32_t> numbers;
  for (std::uint32_t n = index.first(hash); n != HashIndex::kNone; n = things.next_of(n)) {
    if (things.hash_of(n) == hash) numbers.insert(n);
  }
  return numbers;
}

TEST(HashIndex, FindsWhatAMapFindsWhileItGrowsAndShrinks) {
  Random random(1);
  Things things;
  HashIndex index;
  std::map<std::uint64_t, std::set<std::uint32_t>> model;
  std::vector<std::uint32_t> live;
  for (int step = 0; step < 20'000; ++step) {
    const bool grows = (step / 5000) % 2 == 0;
    if (live.empty() || random.below(10) < (grows ? 8U : 2U)) {
      const auto number = static_cast<std::uint32_t>(things.things.size());
      const std::uint64_t hash = random.below(500) * 0x9e3779b97f4a7c15U;
      things.things.push_back({hash});
      index.insert(things, number);
      model[hash].insert(number);
      live.push_back(number);
    } else {
      const std::size_t at = random.below(live.size());
      const std::uint32_t number = std::exchange(live[at], live.back());
      live.pop_back();
      index.erase(things, number);
      model[things.hash_of(number)].erase(number);
    }
    const std::uint64_t asked = random.below(500) * 0x9e3779b97f4a7c15U;
    ASSERT_EQ(found(index, things, asked), model[asked]);
  }
}

class DeduplicationTableTest : public ::testing::Test {
 protected:
  DeduplicationKey key(const std::string& id, const std::string& group = "g") const {
    return hasher.key_of(id, group);
  }
  void add(const std::string& id, TimePoint sent, const std::string& group = "g") {
    table.add({key(id, group), Uuid{}, Sequence(++sequence), sent});
  }

  TextHasher hasher{HandleKey{1, 2, 3}};
  DeduplicationTable table;
  std::uint64_t sequence = 0;
};

TEST_F(DeduplicationTableTest, TheOldestEntryOfSeveralGroupsIsFoundInItsGroup) {
  add("id", kTestStart, "a");
  add("id", kTestStart + 1s, "b");
  EXPECT_EQ(table.find(key("id", "a"), false, kTestStart + 2s)->sequence, Sequence(1));
  EXPECT_EQ(table.find(key("id", "b"), false, kTestStart + 2s)->sequence, Sequence(2));
  EXPECT_FALSE(table.find(key("id", "c"), false, kTestStart + 2s));
  EXPECT_TRUE(table.find(key("id", "c"), true, kTestStart + 2s));
}

TEST_F(DeduplicationTableTest, EntriesGoInTheOrderOfTheirTime) {
  for (int i = 0; i < 1000; ++i) add(std::to_string(i), kTestStart + Duration(i));
  EXPECT_EQ(table.all_over(), kTestStart + Duration(999) + 300s);
  EXPECT_EQ(table.expire(kTestStart + 300s + Duration(499), 400), 400U);
  EXPECT_EQ(table.expire(kTestStart + 300s + Duration(499), 400), 100U);
  EXPECT_EQ(table.size(), 500U);
  EXPECT_FALSE(table.find(key("499"), true, kTestStart + 1s));
  EXPECT_TRUE(table.find(key("500"), true, kTestStart + 1s));
  EXPECT_EQ(table.drop(1000), 500U);
  EXPECT_EQ(table.all_over(), kForever);
}

}  // namespace
}  // namespace headrace::queue
