// LocalBroker: the broker of one machine. Decide, append, apply, wait until the answer may leave.
//
// What an answer waits for: the durable mark of its own records; for a receive on a standard queue
// the written mark of its lease and the durable mark of what brought each message here; for an
// answer that is true because of somebody else's record (a second delete, a missing queue), that
// record's mark.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/one_shot.hpp"
#include "base/random.hpp"
#include "queue/broker.hpp"
#include "queue/engine.hpp"
#include "queue/journal.hpp"
#include "queue/move_observer.hpp"
#include "queue/move_tasks.hpp"

namespace headrace::queue {

class LocalBroker final : public Broker {
 public:
  LocalBroker(boost::asio::io_context& loop, Clock& clock, Engine& engine, Journal& journal,
              std::uint64_t id_seed);
  ~LocalBroker() override;

  // Begins the passing of time. Call once, after recovery.
  void start();
  // Ends parked receives with an empty answer; later calls park no more. Move tasks stand still.
  void stop();
  // Who hears of moves from now on; outlives the broker's last change.
  void set_observer(MoveObserver& observer) { observer_ = &observer; }
  // Suspends until nothing of the broker's own runs. After stop().
  Awaitable<void> join() { return move_tasks_.join(); }

  Awaitable<Result<QueueAddress>> create_queue(CreateQueueRequest request) override;
  Awaitable<Status> delete_queue(QueueAddress address) override;
  Awaitable<Status> purge_queue(QueueAddress address) override;
  Awaitable<Result<QueueDescription>> describe_queue(QueueAddress address) override;
  Awaitable<Status> set_attributes(QueueAddress address, AttributeMap attributes) override;
  Awaitable<ListQueuesResult> list_queues(ListQueuesRequest request) override;
  Awaitable<Result<ListQueuesResult>> list_sources(ListSourcesRequest request) override;
  Awaitable<Status> change_tags(ChangeTagsRequest request) override;
  Awaitable<Status> add_permission(AddPermissionRequest request) override;
  Awaitable<Status> remove_permission(RemovePermissionRequest request) override;
  Awaitable<Result<std::vector<Result<SendResult>>>> send(SendRequest request) override;
  Awaitable<Result<std::vector<ReceivedMessage>>> receive(ReceiveRequest request,
                                                          Cancellation& cancellation) override;
  Awaitable<Result<std::uint64_t>> wait_visible(WaitRequest request,
                                                Cancellation& cancellation) override;
  Awaitable<Result<std::vector<Status>>> remove(DeleteRequest request) override;
  Awaitable<Result<std::vector<Status>>> change_visibility(
      ChangeVisibilityRequest request) override;
  Awaitable<Result<std::vector<PeekedMessage>>> peek(PeekRequest request) override;
  Awaitable<std::optional<FoundMessage>> find_message(FindMessageRequest request,
                                                      Cancellation& cancellation) override;
  Awaitable<Result<MoveResult>> move_messages(MoveRequest request) override;
  Awaitable<Result<std::string>> start_move_task(StartMoveTaskRequest request) override;
  Awaitable<Result<std::uint64_t>> cancel_move_task(std::string handle) override;
  Awaitable<Result<std::vector<MoveTask>>> list_move_tasks(std::string source_arn,
                                                           std::size_t limit) override;
  Awaitable<Status> put_document(Document document) override;
  Awaitable<std::optional<std::string>> get_document(std::string key) override;
  Awaitable<std::vector<Document>> list_documents(std::string prefix) override;

  std::size_t parked_receives() const;

 private:
  // A long poll: the request, and where its leases go. Lives in the frame of its receive().
  struct Parked {
    ReceiveOrder order;
    OneShot<std::vector<Lease>> leases;
  };
  using ParkedList = std::list<Parked*>;

  // A wait_visible in progress: wakes when the queue shows enough.
  struct Watcher {
    std::uint64_t messages = 0;
    std::uint64_t event_bytes = 0;
    OneShot<bool> woken;

    bool satisfied_by(const MessageStore& store) const;
  };
  using WatcherList = std::list<Watcher*>;

  Lsn commit(const Record& record);
  // The queue that a request is about to change: there is room for that, and it exists. Not for the
  // paths on which a coroutine more would cost. Its end resumes the caller in the same turn: the
  // pointer holds until the caller suspends.
  Awaitable<Result<Queue*>> find_to_change(const QueueAddress& address);
  Awaitable<Status> change_attributes(
      QueueAddress address, std::function<Result<SetAttributesRecord>(Queue& queue)> decide);
  // What one receive got in this turn.
  struct Leased {
    std::vector<Lease> leases;
    bool ended_early = false;  // nothing leased yet, and the search is not over
  };
  Leased lease_now(Queue& queue, const ReceiveOrder& order);
  // A peek, which looks on turn after turn.
  struct Peek {
    struct View {
      Lease lease;
      MessageState state;
    };
    PeekRequest request;  // event_bytes_max: what is left of it
    Sequence next;
    std::vector<View> views;

    bool wants(const Entry& entry) const;
  };
  bool look_on(Queue& queue, Peek& peek);
  void tell_moves(const Record& record);
  std::vector<QueueId> smallest_first(const FindMessageRequest& request);
  // One find_message while it runs, and what it has read since it last let others have the loop.
  struct Finding {
    const FindMessageRequest& request;
    Cancellation& cancellation;
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  bool given_up(const Finding& finding) const;
  Awaitable<std::optional<FoundMessage>> search(Finding& finding);
  Awaitable<std::optional<FoundMessage>> look_at(Place place, Finding& finding);
  std::optional<BodyRef> body_now(const Lease& lease);
  Awaitable<std::vector<Lease>> park(QueueId queue, const ReceiveOrder& order, Duration wait,
                                     Cancellation& cancellation);
  Awaitable<std::vector<ReceivedMessage>> render(std::vector<Lease> leases);
  Awaitable<Error> missing_queue();
  Lsn lsn_of(const Lease& lease) const;

  // After every change: gives what became visible to parked receives, and keeps the timer right.
  void settle();
  void serve_parked(QueueId queue);
  void wake_watchers(QueueId queue);
  void end_parked(QueueId queue);
  void let_time_pass();
  void arm();

  boost::asio::io_context& loop_;
  Clock& clock_;
  Engine& engine_;
  Journal& journal_;
  Random ids_;
  MoveTasks move_tasks_;
  std::unordered_map<QueueId, ParkedList> parked_;
  std::unordered_map<QueueId, WatcherList> watchers_;
  MoveObserver* observer_ = nullptr;
  bool started_ = false;
  bool stopping_ = false;
  bool turn_posted_ = false;
  TimePoint armed_for_ = kForever;
  TimerId timer_{};
};

}  // namespace headrace::queue
