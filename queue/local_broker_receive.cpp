// The half of LocalBroker that hands messages out: receive, long polls, and the passing of time.
#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/limits.hpp"
#include "queue/local_broker.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

// Steps of passing time in one turn of the loop: well under a millisecond.
constexpr std::size_t kTimeBudget = 250;
// Decisions of one receive that only dead-letter messages, and messages rendered, in one turn.
constexpr int kMovingDecisionsMax = 4;
constexpr std::size_t kRenderedPerTurn = 100;
// Messages a peek passes over in one turn.
constexpr std::size_t kLookedAtPerTurn = 250;

Result<ReceiveOrder> order_from(const ReceiveRequest& request, const Queue& queue) {
  HR_CHECK(request.max_messages > 0 && request.max_messages <= kBrokerReceiveMax);
  ReceiveOrder order;
  order.max_messages = request.max_messages;
  order.event_bytes_max = request.event_bytes_max;
  order.visibility = std::chrono::seconds(
      request.visibility_timeout.value_or(queue.attributes().visibility_timeout));
  order.attempt_id = request.attempt_id;
  return order;
}

}  // namespace

Broker::Awaitable<Result<std::vector<ReceivedMessage>>> LocalBroker::receive(
    ReceiveRequest request, Cancellation& cancellation) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  Queue* queue = engine_.find(request.address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  const auto order = order_from(request, *queue);
  if (!order) co_return order.error();
  const std::chrono::seconds wait(
      request.wait_seconds.value_or(queue->attributes().receive_message_wait_time));
  const bool full = queue->messages().count(MessageState::kInFlight) >= kInFlightMax;
  // Spec 6.5: on a standard queue an error for a short poll, an empty long poll.
  if (full && wait.count() == 0 && !queue->is_fifo()) {
    co_return Error{ErrorCode::kOverLimit, "The maximum number of in flight messages is reached"};
  }
  if (!order->attempt_id.empty() && queue->attempts().size() >= kReceiveAttemptsMax) {
    co_return Error{ErrorCode::kRequestThrottled,
                    "This queue remembers as many receive attempts as it may."};
  }
  Leased leased = lease_now(*queue, *order);
  settle();
  if (leased.leases.empty() && !leased.ended_early && wait.count() > 0) {
    const QueueId id = queue->id();
    leased.leases = co_await park(id, *order, wait, cancellation);
  }
  std::vector<ReceivedMessage> messages = co_await render(std::move(leased.leases));
  co_return messages;
}

// Leases what is visible. Dead-letter moves that a receive makes are records of their own decision;
// a receive that meets a great many of them ends empty, and the next one goes on.
LocalBroker::Leased LocalBroker::lease_now(Queue& queue, const ReceiveOrder& order) {
  Leased got;
  for (int decisions = 0; got.leases.empty(); ++decisions) {
    if (decisions == kMovingDecisionsMax) {
      got.ended_early = true;
      break;
    }
    const auto record = engine_.decide_receive(queue, order, clock_.now());
    if (!record) break;
    commit(*record);
    for (const DeadLetterMove& move : record->moved) {
      if (HR_MUTANT(2)) commit(DeleteRecord{queue.id(), move.from});
    }
    got.leases.reserve(record->leased.size());
    for (const Sequence sequence : record->leased) {
      got.leases.push_back(engine_.lease_of(queue, sequence));
    }
  }
  return got;
}

Broker::Awaitable<std::vector<Lease>> LocalBroker::park(QueueId queue, const ReceiveOrder& order,
                                                        Duration wait, Cancellation& cancellation) {
  const auto others = parked_.find(queue);
  const std::size_t ahead = others == parked_.end() ? 0 : others->second.size();
  if (stopping_ || cancellation.requested() || ahead >= kParkedReceivesPerQueueMax) {
    std::vector<Lease> none;
    co_return none;
  }
  ParkedList& list = parked_[queue];
  Parked parked{order, {}};
  const auto place = list.insert(list.end(), &parked);
  const auto leave = [&parked] { parked.leases.deliver({}); };
  const TimerId timer = clock_.call_at(clock_.now() + wait, leave);
  cancellation.on_request(leave);

  std::vector<Lease> leases = co_await parked.leases.wait();

  cancellation.clear_hook();
  clock_.cancel(timer);
  list.erase(place);
  if (list.empty()) parked_.erase(queue);
  co_return leases;
}

std::size_t LocalBroker::parked_receives() const {
  std::size_t count = 0;
  for (const auto& [queue, list] : parked_) count += list.size();
  return count;
}

void LocalBroker::serve_parked(QueueId id) {
  const auto found = parked_.find(id);
  Queue* queue = engine_.find(id);
  if (found == parked_.end() || queue == nullptr) return;
  for (Parked* parked : found->second) {
    if (parked->leases.delivered()) continue;
    // Nobody asked for room before time woke this receive: on a full disk it ends empty.
    Leased leased;
    if (journal_.has_room(RoomFor::kOther)) {
      leased = lease_now(*queue, parked->order);
      if (leased.leases.empty() && !leased.ended_early) return;
    }
    parked->leases.deliver(std::move(leased.leases));
  }
}

void LocalBroker::end_parked(QueueId id) {
  if (const auto found = parked_.find(id); found != parked_.end()) {
    for (Parked* parked : found->second) parked->leases.deliver({});
  }
  if (const auto found = watchers_.find(id); found != watchers_.end()) {
    for (Watcher* watcher : found->second) watcher->woken.deliver(true);
  }
}

bool LocalBroker::Watcher::satisfied_by(const MessageStore& store) const {
  const Offer& offer = store.deliverable();
  return offer.messages >= messages || offer.event_bytes >= event_bytes;
}

Broker::Awaitable<Result<std::uint64_t>> LocalBroker::wait_visible(WaitRequest request,
                                                                   Cancellation& cancellation) {
  Queue* queue = engine_.find(request.address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  const QueueId id = queue->id();
  Watcher watcher{request.messages, request.event_bytes, {}};
  const bool enough = watcher.satisfied_by(queue->messages());
  if (!enough && !stopping_ && !cancellation.requested()) {
    WatcherList& list = watchers_[id];
    const auto place = list.insert(list.end(), &watcher);
    const auto wake = [&watcher] { watcher.woken.deliver(true); };
    const bool timed = request.deadline != kForever;
    const TimerId timer = timed ? clock_.call_at(request.deadline, wake) : TimerId{};
    cancellation.on_request(wake);

    co_await watcher.woken.wait();

    cancellation.clear_hook();
    if (timed) clock_.cancel(timer);
    list.erase(place);
    if (list.empty()) watchers_.erase(id);
    queue = engine_.find(id);
  }
  if (queue == nullptr) co_return queue_does_not_exist();
  co_return queue->messages().deliverable().messages;
}

void LocalBroker::wake_watchers(QueueId id) {
  const auto found = watchers_.find(id);
  Queue* queue = engine_.find(id);
  if (found == watchers_.end() || queue == nullptr) return;
  for (Watcher* watcher : found->second) {
    if (watcher->satisfied_by(queue->messages())) watcher->woken.deliver(true);
  }
}

void LocalBroker::settle() {
  // Serving a receive may dead-letter messages, which arrive elsewhere.
  for (auto queues = engine_.take_arrivals(); !queues.empty(); queues = engine_.take_arrivals()) {
    for (const QueueId queue : queues) {
      serve_parked(queue);
      wake_watchers(queue);
    }
  }
  for (const QueueId queue : engine_.take_deleted()) end_parked(queue);
  arm();
}

void LocalBroker::start() {
  started_ = true;
  let_time_pass();
  move_tasks_.resume();
}

void LocalBroker::stop() {
  stopping_ = true;
  move_tasks_.stop();
  for (auto& [queue, list] : parked_) {
    for (Parked* parked : list) parked->leases.deliver({});
  }
  for (auto& [queue, list] : watchers_) {
    for (Watcher* watcher : list) watcher->woken.deliver(true);
  }
}

void LocalBroker::let_time_pass() {
  const bool more = engine_.advance_to(clock_.now(), kTimeBudget);
  if (more && !turn_posted_) {
    turn_posted_ = true;
    asio::post(loop_, [this] {
      turn_posted_ = false;
      let_time_pass();
    });
  }
  settle();
}

// One timer for everything that time will change.
void LocalBroker::arm() {
  const TimePoint next = engine_.next_deadline();
  if (!started_ || turn_posted_ || next >= armed_for_) return;
  if (armed_for_ != kForever) clock_.cancel(timer_);
  armed_for_ = next;
  timer_ = clock_.call_at(std::max(next, clock_.now()), [this] {
    armed_for_ = kForever;
    let_time_pass();
  });
}

// The low half is enough: only records between the durable mark and the last one are waited for.
Lsn LocalBroker::lsn_of(const Lease& lease) const {
  const std::uint64_t durable = journal_.durable().value();
  const std::uint32_t ahead = lease.lsn_low - static_cast<std::uint32_t>(durable);
  const std::uint64_t lsn = durable + ahead;
  return lsn > journal_.last().value() ? Lsn() : Lsn(lsn);
}

// Nothing when the message went away after it was leased: its bytes may be gone too. They may also
// have been copied to another place.
std::optional<BodyRef> LocalBroker::body_now(const Lease& lease) {
  return engine_.body_of(lease.receipt.queue, lease.receipt.sequence);
}

Broker::Awaitable<std::vector<ReceivedMessage>> LocalBroker::render(std::vector<Lease> leases) {
  std::vector<ReceivedMessage> messages;
  if (leases.empty()) co_return messages;
  const Lsn leased = journal_.last();
  Lsn durable{};
  for (const Lease& lease : leases) durable = std::max(durable, lsn_of(lease));
  // A lease lost in a power cut would let a second consumer into a FIFO group.
  if (leases.front().fifo) durable = leased;
  messages.reserve(leases.size());
  for (std::size_t i = 0; i < leases.size(); ++i) {
    Lease& lease = leases[i];
    if (i % kRenderedPerTurn == kRenderedPerTurn - 1) {
      co_await asio::post(loop_, asio::use_awaitable);
    }
    const std::optional<BodyRef> body = body_now(lease);
    if (!body) continue;
    std::optional<StoredMessage> stored = co_await journal_.read(*body);
    if (!stored) continue;  // damaged: reported by the journal, never served
    messages.push_back(message_from(lease, std::move(*stored)));
    messages.back().receipt_handle = engine_.handles().encode(lease.receipt);
  }
  co_await journal_.wait_written(leased);
  co_await journal_.wait_durable(durable);
  co_return messages;
}

bool LocalBroker::Peek::wants(const Entry& entry) const {
  switch (entry.state) {
    case MessageState::kVisible: return true;
    case MessageState::kInFlight: return request.with_in_flight;
    case MessageState::kDelayed: return request.with_delayed;
  }
  return false;
}

// Some of what there is to see; false when that was all, or all that was asked for.
bool LocalBroker::look_on(Queue& queue, Peek& peek) {
  const TimePoint now = clock_.now();
  for (std::size_t step = 0; step < kLookedAtPerTurn; ++step) {
    const Entry* entry = queue.messages().first_from(peek.next);
    if (entry == nullptr || peek.views.size() == peek.request.max_messages) return false;
    peek.next = entry->sequence.next();
    if (queue.expired(*entry, now) || !peek.wants(*entry)) continue;
    if (entry->event_bytes > peek.request.event_bytes_max) return false;
    peek.request.event_bytes_max -= entry->event_bytes;
    peek.views.push_back(Peek::View{engine_.view_of(queue, *entry), entry->state});
  }
  return true;
}

Broker::Awaitable<Result<std::vector<PeekedMessage>>> LocalBroker::peek(PeekRequest request) {
  Peek peek{std::move(request), {}, {}};
  bool more = true;
  while (more) {
    Queue* const queue = engine_.find(peek.request.address);
    if (queue == nullptr) {
      Error error = co_await missing_queue();
      co_return error;
    }
    more = look_on(*queue, peek);
    if (more) co_await asio::post(loop_, asio::use_awaitable);
  }
  std::vector<PeekedMessage> peeked;
  for (std::size_t i = 0; i < peek.views.size(); ++i) {
    const Peek::View& view = peek.views[i];
    if (i % kRenderedPerTurn == kRenderedPerTurn - 1) {
      co_await asio::post(loop_, asio::use_awaitable);
    }
    const std::optional<BodyRef> body = body_now(view.lease);
    if (!body) continue;
    std::optional<StoredMessage> stored = co_await journal_.read(*body);
    if (!stored) continue;
    PeekedMessage seen{message_from(view.lease, std::move(*stored)), view.state};
    peeked.push_back(std::move(seen));
  }
  co_await journal_.wait_durable(journal_.last());
  co_return peeked;
}

}  // namespace headrace::queue
