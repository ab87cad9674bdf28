// A snapshot and the records after it are the state: for any work, whatever happens while the
// snapshot is taken. And its bytes, written out by hand from docs/journal-format.md.
#include "queue/snapshot.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/queue/engine_harness.hpp"
#include "tests/queue/hex_bytes.hpp"

namespace headrace::queue {
namespace {

// All that can be seen of a queue's messages, by sequence, and of the queue.
using Row = std::tuple<std::string, Uuid, std::string, MessageState, TimePoint, TimePoint,
                       TimePoint, std::uint32_t, std::string>;
using Picture = std::vector<Row>;

Picture picture(EngineHarness& bench, const std::string& name) {
  Picture all;
  for (const EngineHarness::Seen& seen : bench.peek(name)) {
    const Delivery& message = seen.message;
    all.emplace_back(message.body, message.id, message.handle, seen.state, seen.due, message.sent,
                     message.first_received, message.receive_count,
                     message.source_arn + " " + message.group_id + " " + message.deduplication_id);
  }
  return all;
}

constexpr int kIds = 12;

// What the queue remembers: of sends by id and group, of receives by attempt.
std::vector<std::string> memory(EngineHarness& bench, const std::string& name) {
  std::vector<std::string> all;
  const Queue& queue = bench.queue(name);
  for (int id = 0; id < kIds; ++id) {
    for (const char* group : {"a", "b"}) {
      const auto sent = queue.find_duplicate(std::to_string(id), group, bench.now());
      all.push_back(sent ? to_string(sent->message_id) + to_sequence_number(sent->sequence) : "");
    }
    const ReceiveAttempt* attempt = queue.attempts().find(std::to_string(id), bench.now());
    std::string got = attempt != nullptr ? "at " : "";
    if (attempt != nullptr) got += std::to_string(to_epoch_ms(attempt->until));
    for (const auto& message : attempt != nullptr ? attempt->messages : ReceiveAttempt{}.messages) {
      got += " " + to_sequence_number(message.sequence) + std::to_string(message.receive_number);
    }
    all.push_back(got);
  }
  return all;
}

void expect_same(EngineHarness& one, EngineHarness& other) {
  one.settle_time();
  const auto names = [](EngineHarness& bench) {
    return bench.engine().list({"us-east-1", "000000000000", "", "", 1000}).queues;
  };
  ASSERT_EQ(names(one), names(other));
  for (const QueueAddress& address : names(one)) {
    EXPECT_EQ(picture(one, address.name), picture(other, address.name)) << address.name;
    EXPECT_EQ(memory(one, address.name), memory(other, address.name)) << address.name;
    Queue& queue = one.queue(address.name);
    Queue& again = other.queue(address.name);
    EXPECT_EQ(queue.id(), again.id());
    EXPECT_EQ(queue.next_sequence(), again.next_sequence());
    const QueueDescription left = queue.describe();
    const QueueDescription right = again.describe();
    EXPECT_EQ(left.attributes.to_map(), right.attributes.to_map());
    EXPECT_EQ(left.tags, right.tags);
    EXPECT_EQ(left.created, right.created);
    EXPECT_EQ(left.last_modified, right.last_modified);
    EXPECT_EQ(left.oldest_sent, right.oldest_sent);
  }
  EXPECT_EQ(one.engine().documents(), other.engine().documents());
  EXPECT_EQ(one.engine().last_queue_id(), other.engine().last_queue_id());
  EXPECT_EQ(one.engine().message_count(), other.engine().message_count());
  EXPECT_EQ(one.bodies_alive(), other.bodies_alive());
}

// Anything one can do to queues, at random; every other seed on FIFO queues.
class Work {
 public:
  explicit Work(std::uint64_t seed) : random_(seed), fifo_(seed % 2 == 1) {
    create(named("dlq"));
    create(named("q"));
    create(named("other"));
  }

  void step() {
    const std::string queue = pick();
    switch (random_.below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: send(queue); break;
      case 5:
      case 6:
      case 7:
      case 8: receive(queue); break;
      case 9:
      case 10:
      case 11: remove(); break;
      case 12:
      case 13: change(); break;
      case 14: bench.redrive(named("dlq")); break;
      case 15: bench.advance(Duration(random_.below(random_.one_in(6) ? 40'000 : 3000))); break;
      case 16: document(); break;
      case 17: set(queue); break;
      default: rarely(queue); break;
    }
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

  EngineHarness bench;

 private:
  std::string named(const std::string& name) const { return fifo_ ? name + ".fifo" : name; }
  std::string pick() {
    static const std::vector<std::string> kNames = {"q", "q", "dlq", "other"};
    return named(kNames[random_.below(kNames.size())]);
  }

  void create(const std::string& name) {
    AttributeMap attributes = {{"MessageRetentionPeriod", "60"}};
    if (fifo_) attributes["FifoQueue"] = "true";
    if (name == named("q")) attributes["RedrivePolicy"] = redrive_policy(named("dlq"), 2);
    EXPECT_TRUE(bench.create(name, attributes).has_value());
  }

  void send(const std::string& queue) {
    if (fifo_) {
      const std::string group = random_.one_in(2) ? "a" : "b";
      const std::string id = std::to_string(random_.below(kIds));
      EXPECT_TRUE(bench.send_to_group(queue, group, std::to_string(next_++), id).has_value());
      return;
    }
    const auto delay = static_cast<std::int64_t>(random_.one_in(3) ? random_.below(6) : 0);
    bench.send(queue, std::to_string(next_++), delay);
  }

  void receive(const std::string& queue) {
    const std::string attempt = random_.one_in(2) ? std::to_string(random_.below(kIds)) : "";
    const auto got =
        bench.receive(queue, 1 + random_.below(4), static_cast<std::int64_t>(random_.below(8)),
                      UINT64_MAX, attempt);
    for (const Delivery& delivery : got) held_.emplace_back(queue, delivery.handle);
  }

  // Refusals are as good: the queue may be another one by now.
  void remove() {
    if (held_.empty()) return;
    const auto& [queue, handle] = held_[random_.below(held_.size())];
    static_cast<void>(bench.remove(queue, handle));
  }

  void change() {
    if (held_.empty()) return;
    const auto& [queue, handle] = held_[random_.below(held_.size())];
    static_cast<void>(bench.change(queue, handle, static_cast<std::int64_t>(random_.below(6))));
  }

  void document() {
    const std::string key = "d" + std::to_string(random_.below(5));
    bench.put(key, random_.one_in(3) ? "" : std::to_string(next_++));
  }

  void set(const std::string& queue) {
    const std::string retention = std::to_string(60 + random_.below(3) * 20);
    AttributeMap attributes = {{"MessageRetentionPeriod", retention}};
    if (fifo_) attributes["DelaySeconds"] = std::to_string(random_.below(4));
    EXPECT_TRUE(bench.set(queue, attributes).has_value());
  }

  void rarely(const std::string& queue) {
    if (random_.one_in(3)) {
      bench.copy_body(queue);
    } else if (random_.one_in(4)) {
      bench.purge(queue);
    } else if (random_.one_in(4)) {
      bench.remove_queue(queue);
      create(queue);
    }
  }

  Random random_;
  bool fifo_;
  std::vector<std::pair<std::string, std::string>> held_;
  int next_ = 0;
};

TEST(Snapshot, WithTheRecordsAfterItIsTheStateWhateverHappensMeanwhile) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Work work(seed);
    const auto before = work.below(120);
    for (std::uint64_t i = 0; i < before; ++i) work.step();
    // Again and again: what one snapshot leaves behind must not confuse the next.
    for (int round = 0; round < 3; ++round) {
      work.bench.begin_snapshot();
      while (work.bench.take_slice(1 + work.below(6))) {
        for (auto steps = work.below(4); steps > 0; --steps) work.step();
      }
      for (auto steps = work.below(10); steps > 0; --steps) work.step();
      const auto restored = work.bench.restored();
      const auto replayed = work.bench.replayed();
      expect_same(*replayed, *restored);
      expect_same(work.bench, *restored);
      ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << " round " << round;
    }
  }
}

TEST(Snapshot, ASliceHasNoMoreItemsThanItsBudget) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  for (int i = 0; i < 1000; ++i) bench.send("q", "x");
  bench.begin_snapshot();
  int slices = 1;
  while (bench.take_slice(100)) ++slices;
  EXPECT_EQ(slices, 11);  // 1,000 messages, the queue and the steps between
}

TEST(Snapshot, DoesNotHoldWhatCameAfterItBegan) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  bench.send("q", "before");
  bench.begin_snapshot();
  bench.send("q", "after");
  ASSERT_TRUE(bench.create("new").has_value());
  std::uint64_t messages = 0;
  SnapshotEncoder out;
  while (bench.engine().snapshot_slice(out, 100)) {
  }
  ASSERT_TRUE(decode_snapshot(out.take_payload(), [&](const SnapshotItem& item) {
    if (const auto* message = std::get_if<QueuedMessage>(&item)) {
      ++messages;
      EXPECT_EQ(message->image.entry.sequence, Sequence(1));
    }
    if (const auto* queue = std::get_if<QueueImage>(&item)) {
      EXPECT_EQ(queue->address.name, "q");
      EXPECT_EQ(queue->next_sequence, Sequence(2));
    }
  }));
  EXPECT_EQ(messages, 1U);
}

// The items of one chunk, written by hand.
const std::string kGolden = bytes_of(
    "01 0100000000000000 e803000000000000 d007000000000000 0000000000000000 0900000000000000"
    "   01000000 72 01000000 61 01000000 6e"        // region r, account a, name n
    "   01000000 01000000 6b 01000000 76"           // one attribute: k = v
    "   00000000"                                   // no tags
    "03 00 03 02 80 04 2c d00f 9601"                // visible, sequence 3
    "03 1d 02 02 ac04 2c 03 9601 d00f 01 02 03 04"  // in flight, sequence 5, new identity
    "   000102030405060708090a0b0c0d0e0f"           //
    "03 22 01 02 00 01 00 00 0a 07"                 // delayed, sequence 6, from queue 7
    // Visible, sequence 7, of group "gg", with a new identity, sent 5 ms and first received 1 ms
    // before it came.
    "03 c8 01 02 00 01 00 00 02000000 6767 000102030405060708090a0b0c0d0e0f 09 01"
    // A remembered send and a remembered receive of the same queue.
    "07 0a00000000000000 0b000000 0c00000000000000 000102030405060708090a0b0c0d0e0f"
    "   0300000000000000 e803000000000000"
    "08 01000000 74 e803000000000000 d007000000000000 01000000 0500000000000000 06000000"
    "04 0200000000000000 03000000 61726e"  // queue 2 is gone
    "05 01000000 6b 02000000 abcd"         // a document
    "06 0200000000000000 0400000000000000 e803000000000000");

std::vector<SnapshotItem> golden_items() {
  std::vector<SnapshotItem> items;
  EXPECT_TRUE(
      decode_snapshot(kGolden, [&items](const SnapshotItem& item) { items.push_back(item); }));
  EXPECT_EQ(items.size(), 10U);
  items.resize(10);
  return items;
}

TEST(SnapshotBytes, QueuesDocumentsAndTheEnd) {
  const auto items = golden_items();
  const auto& queue = std::get<QueueImage>(items[0]);
  EXPECT_EQ(queue.id, QueueId(1));
  EXPECT_EQ(queue.created, from_epoch_ms(1000));
  EXPECT_EQ(queue.last_modified, from_epoch_ms(2000));
  EXPECT_EQ(queue.dead_before, from_epoch_ms(0));
  EXPECT_EQ(queue.next_sequence, Sequence(9));
  EXPECT_EQ(queue.address, (QueueAddress{"r", "a", "n"}));
  EXPECT_EQ(queue.attributes, (AttributeMap{{"k", "v"}}));
  EXPECT_EQ(std::get<DeletedQueueImage>(items[7]).arn, "arn");
  EXPECT_EQ(std::get<DocumentImage>(items[8]).key, "k");
  EXPECT_EQ(std::get<SnapshotEnd>(items[9]).messages, 4U);
}

TEST(SnapshotBytes, Messages) {
  const auto items = golden_items();
  const auto& visible = std::get<QueuedMessage>(items[1]);
  EXPECT_EQ(visible.queue, QueueId(1));
  EXPECT_EQ(visible.image.entry.sequence, Sequence(3));
  EXPECT_EQ(visible.image.entry.body_place, (2ULL << 32) | 512);
  EXPECT_EQ(visible.image.entry.body_size, 44U);
  EXPECT_EQ(visible.image.entry.sent_ms, 1000);
  EXPECT_EQ(visible.image.entry.event_bytes, 150U);
  EXPECT_EQ(visible.image.entry.receive_count, 0U);
  const auto& leased = std::get<QueuedMessage>(items[2]).image;
  EXPECT_EQ(leased.entry.state, MessageState::kInFlight);
  EXPECT_TRUE(leased.entry.moved_in);
  EXPECT_EQ(leased.entry.sequence, Sequence(5));
  EXPECT_EQ(leased.entry.body_place, (2ULL << 32) | 556);
  EXPECT_EQ(leased.entry.sent_ms, 998);  // two before the message in front
  EXPECT_EQ(leased.entry.due_ms, 1998);
  EXPECT_EQ(leased.entry.first_received_after_ms, 1U);
  EXPECT_EQ(leased.entry.last_received_after_ms, 2U);
  EXPECT_EQ(leased.entry.receive_count, 3U);
  EXPECT_EQ(leased.entry.receive_number, 4U);
  EXPECT_EQ(hex(*leased.origin->message_id), "000102030405060708090a0b0c0d0e0f");
  EXPECT_FALSE(leased.origin->sent);
  const auto& delayed = std::get<QueuedMessage>(items[3]).image;
  EXPECT_EQ(delayed.entry.state, MessageState::kDelayed);
  EXPECT_EQ(delayed.entry.due_ms, 1003);
  EXPECT_EQ(delayed.entry.source_queue, 7U);
}

TEST(SnapshotBytes, WhatFifoQueuesAdd) {
  const auto items = golden_items();
  const auto& grouped = std::get<QueuedMessage>(items[4]).image;
  EXPECT_EQ(grouped.group, "gg");
  EXPECT_EQ(grouped.entry.sent_ms, 998);
  EXPECT_EQ(hex(*grouped.origin->message_id), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(*grouped.origin->sent, from_epoch_ms(993));
  EXPECT_EQ(grouped.origin->first_received, from_epoch_ms(997));
  const auto& send = std::get<RememberedSend>(items[5]);
  EXPECT_EQ(send.queue, QueueId(1));
  EXPECT_EQ(send.sent.key.id, 10U);
  EXPECT_EQ(send.sent.key.id_more, 11U);
  EXPECT_EQ(send.sent.key.group, 12U);
  EXPECT_EQ(send.sent.sequence, Sequence(3));
  EXPECT_EQ(send.sent.sent, from_epoch_ms(1000));
  const auto& receive = std::get<RememberedReceive>(items[6]);
  EXPECT_EQ(receive.attempt_id, "t");
  EXPECT_EQ(receive.attempt.until, from_epoch_ms(2000));
  ASSERT_EQ(receive.attempt.messages.size(), 1U);
  EXPECT_EQ(receive.attempt.messages[0].sequence, Sequence(5));
  EXPECT_EQ(receive.attempt.messages[0].receive_number, 6U);
}

TEST(SnapshotBytes, AreWrittenAsTheyAreRead) {
  const auto items = golden_items();
  SnapshotEncoder again;
  for (const SnapshotItem& item : items) {
    if (const auto* q = std::get_if<QueueImage>(&item)) again.add(*q);
    if (const auto* m = std::get_if<QueuedMessage>(&item)) again.add(m->queue, m->image);
    if (const auto* s = std::get_if<RememberedSend>(&item)) again.add(s->queue, s->sent);
    if (const auto* r = std::get_if<RememberedReceive>(&item)) {
      again.add(r->queue, r->attempt_id, r->attempt);
    }
    if (const auto* gone = std::get_if<DeletedQueueImage>(&item)) again.add(*gone);
    if (const auto* document = std::get_if<DocumentImage>(&item)) again.add(*document);
    if (const auto* end = std::get_if<SnapshotEnd>(&item))
      again.add_end(end->last_queue, end->time);
  }
  EXPECT_EQ(hex(again.take_payload()), hex(kGolden));
}

TEST(SnapshotBytes, CutAndUnknownItemsAreRefused) {
  const auto ignore = [](const SnapshotItem&) {};
  std::set<std::size_t> whole;
  for (std::size_t size = 0; size < kGolden.size(); ++size) {
    if (decode_snapshot(kGolden.substr(0, size), ignore)) whole.insert(size);
  }
  EXPECT_EQ(whole.size(), 10U);  // the ends of items, the empty chunk among them
  EXPECT_FALSE(decode_snapshot(bytes_of("00"), ignore));
  EXPECT_FALSE(decode_snapshot(bytes_of("09"), ignore));
  EXPECT_FALSE(decode_snapshot(bytes_of("03 00 03 02 80 04 2c d00f 9601"), ignore));  // no queue
}

TEST(SnapshotBytes, Chunk) {
  SnapshotChunkHeader header;
  header.store = {0xaa, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  header.lsn = Lsn(7);
  header.index = 2;
  header.last = true;
  const std::string checked = bytes_of(
      "03000000 aa0102030405060708090a0b0c0d0e0f 0700000000000000 02000000 01000000"
      "0000000000000000 616263");
  std::string expected = "HRSNAP01";
  const std::uint32_t crc = crc32c(checked);
  for (int shift = 0; shift < 32; shift += 8) expected.push_back(static_cast<char>(crc >> shift));
  expected += checked;
  const std::string chunk = encode_snapshot_chunk(header, "abc");
  EXPECT_EQ(hex(chunk), hex(expected));
  const auto decoded = decode_snapshot_header(chunk);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->lsn, Lsn(7));
  EXPECT_EQ(decoded->index, 2U);
  EXPECT_TRUE(decoded->last);
  EXPECT_EQ(decoded->payload_bytes, 3U);
  const std::string_view head = std::string_view(chunk).substr(0, kSnapshotHeaderBytes);
  EXPECT_TRUE(check_snapshot_chunk(head, "abc"));
  EXPECT_FALSE(check_snapshot_chunk(head, "abd"));
}

}  // namespace
}  // namespace headrace::queue
