// Engine: all queues, and the rules that touch two of them. Pure, like Queue.
//
// The shell's step is always: decide (refuses, changes nothing), append to the journal, apply.
// Recovery runs the same apply on what the journal gives back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "queue/cooldowns.hpp"
#include "queue/error.hpp"
#include "queue/queue.hpp"
#include "queue/record.hpp"
#include "queue/requests.hpp"
#include "queue/snapshot.hpp"

namespace headrace::queue {

// Told when no message refers to stored bytes any more.
class BodyOwner {
 public:
  virtual ~BodyOwner() = default;
  virtual void release(BodyRef body) = 0;
};

// Of an engine whose messages are only looked at: nobody gives their bodies back.
class NoBodies final : public BodyOwner {
 public:
  void release(BodyRef) override {}
};

// A leased message as its receiver will see it, before its body is read.
struct Lease {
  BodyRef body;
  Receipt receipt;
  bool fifo = false;
  TimePoint sent;
  TimePoint first_received;
  std::uint32_t receive_count = 0;
  std::uint32_t lsn_low = 0;
  std::optional<Uuid> new_identity;
  bool deduplicates_by_id = false;  // its deduplication id is its message id (spec 8.2)
  std::string dead_letter_source_arn;
};

// What is shown of it, without a receipt handle.
ReceivedMessage message_from(const Lease& lease, StoredMessage stored);

// One send: the record that stores it, or none for a duplicate; and its answer.
struct SendDecision {
  std::optional<SendRecord> record;
  SendResult result;
};

class Engine {
 public:
  // `bodies` outlives the engine, which gives all bodies back when it ends.
  Engine(const StoreKeys& keys, BodyOwner& bodies, Cooldowns cooldowns = {});
  ~Engine();

  Queue* find(const QueueAddress& address);
  const ReceiptHandles& handles() const { return handles_; }

  // Decisions. A nullopt record means: nothing to change, the answer is success.
  Result<std::optional<CreateQueueRecord>> decide_create(const CreateQueueRequest& request,
                                                         TimePoint now);
  Result<SetAttributesRecord> decide_set_attributes(Queue& queue, const AttributeMap& given,
                                                    TimePoint now);
  Result<std::optional<SetTagsRecord>> decide_change_tags(const Queue& queue,
                                                          const ChangeTagsRequest& request);
  Result<SetAttributesRecord> decide_add_permission(Queue& queue, const PolicyStatement& statement,
                                                    TimePoint now);
  Result<SetAttributesRecord> decide_remove_permission(Queue& queue, const std::string& label,
                                                       TimePoint now);
  Result<PurgeQueueRecord> decide_purge(const Queue& queue, TimePoint now);
  // What the type of the queue asks of a whole request, before any of it is decided: a group and a
  // deduplication id on a FIFO queue, which it fills in from the body's hash where it may.
  Status complete_sends(const Queue& queue, std::vector<SendEntry>& entries);
  Result<SendDecision> decide_send(Queue& queue, const SendEntry& entry, const Uuid& id,
                                   TimePoint now);
  std::optional<ReceiveRecord> decide_receive(Queue& queue, const ReceiveOrder& order,
                                              TimePoint now);
  Result<std::optional<DeleteRecord>> decide_delete(Queue& queue, const std::string& handle,
                                                    TimePoint now);
  Result<ChangeVisibilityRecord> decide_change_visibility(Queue& queue,
                                                          const VisibilityEntry& entry,
                                                          TimePoint now);
  // Visible messages, oldest first; `without_source` counts those with nowhere to go.
  std::optional<MoveRecord> decide_move(Queue& source, Queue* destination, std::size_t max_messages,
                                        TimePoint now, Random& ids, std::uint64_t& without_source);

  // Applies a record that decide made now or the journal gave back. `body` is where the journal
  // put the message of a SendRecord.
  void apply(const Record& record, BodyRef body, Lsn lsn);

  // A snapshot of this moment, given out in slices of at most `budget` items; false with the last.
  // One at a time, taken to its end.
  void begin_snapshot();
  bool snapshot_slice(SnapshotEncoder& out, std::size_t budget);
  QueueId last_queue_id() const { return last_queue_id_; }
  // Takes back what a snapshot at `lsn` held; into an empty engine, the items in their order.
  void restore(const SnapshotItem& item, Lsn lsn);
  // Messages whose bodies lie in one of the segments, found in steps; from where the last ended.
  struct Located {
    QueueId queue;
    Sequence sequence;
    BodyRef body;
  };
  struct BodySearch {
    std::set<std::uint64_t> segments;
    bool everywhere = false;  // in any segment
    QueueId queue{1};
    Sequence from;
  };
  // At most `budget` steps; false with the last.
  bool find_bodies(BodySearch& search, std::size_t budget, std::vector<Located>& found);
  // Where the body of a message is; nothing when it is gone.
  std::optional<BodyRef> body_of(QueueId queue, Sequence sequence);
  // Every body that is not released yet.
  void visit_bodies(const std::function<void(BodyRef body)>& visit);

  // What a lease just applied hands out.
  Lease lease_of(Queue& queue, Sequence sequence);
  // As lease_of, for a look without receiving.
  Lease view_of(Queue& queue, const Entry& entry);

  // Ends delays and leases, drops expired and purged messages: at most `budget` steps. True when
  // there is more to do at once.
  bool advance_to(TimePoint now, std::size_t budget);
  TimePoint next_deadline() const;

  // Queues that gained visible messages since the last call, each once; and queues deleted since.
  std::vector<QueueId> take_arrivals();
  std::vector<QueueId> take_deleted();
  Queue* find(QueueId id);

  ListQueuesResult list(const ListQueuesRequest& request) const;
  // Whether some queue's redrive policy names this one, and which do.
  bool is_dead_letter_queue(const QueueAddress& address) const;
  ListQueuesResult list_sources(const ListSourcesRequest& request) const;
  std::size_t queue_count() const { return queues_.size(); }
  std::size_t message_count() const { return slab_.size(); }
  // The newest record that created, changed or deleted a queue: what a control answer reveals.
  Lsn control_lsn() const { return control_lsn_; }

  const std::map<std::string, std::string>& documents() const { return documents_; }

 private:
  void apply_record(const CreateQueueRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const SetAttributesRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const DeleteQueueRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const PurgeQueueRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const SendRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const ReceiveRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const DeleteRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const ChangeVisibilityRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const MoveRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const DocumentRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const BodyCopyRecord& record, BodyRef body, Lsn lsn);
  void apply_record(const SetTagsRecord& record, BodyRef body, Lsn lsn);

  Status check_redrive_target(const QueueAddress& source, const QueueAttributes& attributes);
  Queue* dead_letter_queue_of(const Queue& queue);
  void name_dead_letter_queue(const Queue& queue, bool names);
  void dead_letter(Queue& from, Queue& to, const DeadLetterMove& move, TimePoint now, Lsn lsn);
  Queue& existing(QueueId id);
  void note_arrival(Queue& queue);
  void deadline_may_be_earlier(Queue& queue);
  void schedule(Queue& queue, TimePoint when);
  std::size_t free_purged(std::size_t budget);
  void walk_queue(SnapshotEncoder& out);
  bool walk_remembered(const Queue& queue, SnapshotEncoder& out);
  bool walk_document(SnapshotEncoder& out);
  void keep_for_snapshot(Queue& queue);

  // How far a snapshot has come.
  struct Walk {
    struct Gone {  // a queue deleted meanwhile
      std::optional<QueueImage> queue;
      MessageStore::Images messages;
    };
    QueueId last_queue;  // when it began
    QueueId queue;       // it stands here
    bool inside = false;
    Sequence from, end;  // of the messages of that queue still to come
    Sequence remembered_from;
    ReceiveAttempts::Place attempt;
    std::map<QueueId, Gone> gone;
    std::optional<std::string> document;  // the last one given out
  };

  Slab slab_;
  ReceiptHandles handles_;
  TextHasher hasher_;
  BodyOwner& bodies_;
  Cooldowns cooldowns_;
  // With a cooldown only: when it began.
  std::map<QueueAddress, TimePoint> deleted_at_;
  std::unordered_map<QueueId, TimePoint> purged_at_;
  std::map<QueueAddress, QueueId> addresses_;
  std::unordered_map<QueueId, std::unique_ptr<Queue>> queues_;
  std::unordered_map<QueueId, std::string>
      arns_;  // deleted queues too: messages remember their source
  QueueId last_queue_id_{};
  Lsn control_lsn_{};
  std::set<std::pair<TimePoint, QueueId>> deadlines_;
  std::vector<PurgedQueue> purged_;
  std::map<std::string, std::set<QueueAddress>> sources_;  // by the ARN of their dead-letter queue
  std::vector<QueueId> arrivals_;
  std::vector<QueueId> deleted_;
  std::map<std::string, std::string> documents_;
  std::optional<Walk> walk_;
};

}  // namespace headrace::queue
