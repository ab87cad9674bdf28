// EngineHarness: an Engine with the smallest shell around it. Time is a number the test moves;
// every record goes through its bytes before it is applied, and is kept for a replay.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "queue/engine.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::queue {

using namespace std::chrono_literals;

inline QueueAddress address_of(std::string name) {
  return QueueAddress{"us-east-1", "000000000000", std::move(name)};
}

MessageContent content_with(std::string body);

// RedrivePolicy's text for a dead-letter queue of this name.
std::string redrive_policy(const std::string& dead_letter, int max_receive_count);

struct Delivery {
  Uuid id{};
  std::string body;
  std::string handle;
  TimePoint sent;
  TimePoint first_received;
  std::uint32_t receive_count = 0;
  std::string source_arn;
  std::string group_id;
  std::string deduplication_id;
  bool operator==(const Delivery&) const = default;
};

class EngineHarness final : private BodyOwner {
 public:
  EngineHarness();
  ~EngineHarness() override;

  Result<std::optional<CreateQueueRecord>> create(const std::string& name,
                                                  const AttributeMap& attributes = {});
  Status set(const std::string& name, const AttributeMap& attributes);
  void remove_queue(const std::string& name);
  void purge(const std::string& name);

  Uuid send(const std::string& name, const std::string& body,
            std::optional<std::int64_t> delay = std::nullopt);
  // To a FIFO queue, or to a fair one without a deduplication id.
  Result<SendResult> send_to_group(const std::string& name, const std::string& group,
                                   const std::string& body,
                                   const std::string& deduplication_id = "");
  std::vector<Delivery> receive(const std::string& name, std::size_t max = 1,
                                std::optional<std::int64_t> visibility = std::nullopt,
                                std::uint64_t event_bytes_max = UINT64_MAX,
                                const std::string& attempt_id = "");
  Status remove(const std::string& name, const std::string& handle);
  Status change(const std::string& name, const std::string& handle, std::int64_t seconds);
  std::uint64_t redrive(const std::string& from, const std::optional<std::string>& to = {});

  void put(const std::string& key, const std::string& bytes);
  // Copies the stored bytes of the oldest message forward, as compaction does.
  void copy_body(const std::string& name);

  // Lets time pass and ends what is due.
  void advance(Duration duration);
  void settle_time();
  TimePoint now() const { return now_; }

  QueueDescription describe(const std::string& name);
  // Everything alive in the queue, by sequence, with its state.
  struct Seen {
    Delivery message;
    MessageState state = MessageState::kVisible;
    TimePoint due;
  };
  std::vector<Seen> peek(const std::string& name);

  // A fresh engine that was given every record of this one, at the same time.
  std::unique_ptr<EngineHarness> replayed() const;

  // Begins a snapshot; take_slice says whether there is more.
  void begin_snapshot();
  bool take_slice(std::size_t budget);
  // A fresh engine that was given the snapshot and every record after it.
  std::unique_ptr<EngineHarness> restored() const;

  Engine& engine() { return engine_; }
  Queue& queue(const std::string& name);
  std::size_t bodies_alive() const { return bodies_alive_; }
  std::uint64_t records() const { return last_.value(); }

 private:
  void commit(const Record& record);
  void apply(const std::string& frame, TimePoint decided = {});
  void release(BodyRef body) override;
  Delivery delivery_of(const Lease& lease) const;

  Engine engine_;
  TimePoint now_ = kTestStart;
  Random ids_{7};
  std::vector<std::string> frames_;  // frames_[lsn - 1]
  Lsn last_{};
  std::size_t bodies_alive_ = 0;
  SnapshotEncoder snapshot_;
  std::vector<std::string> chunks_;
  Lsn snapshot_lsn_{};
  QueueId snapshot_last_queue_{};
  bool ending_ = false;
};

}  // namespace headrace::queue
