// The part of LocalBroker that tells where messages are and where they went.
#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/local_broker.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

// What a search reads in one turn of the loop: about a millisecond.
constexpr std::size_t kReadPerTurn = 50;
constexpr std::size_t kReadBytesPerTurn = std::size_t{256} << 10;

bool is_one_of(const Uuid& id, const std::vector<Uuid>& ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void LocalBroker::tell_moves(const Record& record) {
  if (const auto* receive = std::get_if<ReceiveRecord>(&record)) {
    if (receive->moved.empty()) return;
    Queue& from = *engine_.find(receive->queue);
    Queue& to = *engine_.find(receive->dead_letter_queue);
    const auto& policy = from.attributes().redrive_policy;
    for (const DeadLetterMove& moved : receive->moved) {
      MessageMove move{.from_queue = from.address(), .to_queue = to.address()};
      move.time = receive->time;
      move.from = Place{from.id(), moved.from};
      move.to = Place{to.id(), moved.to};
      const Entry* entry = to.messages().find(moved.to);
      if (entry != nullptr) move.receive_count = entry->receive_count;
      if (policy) move.max_receive_count = policy->max_receive_count;
      observer_->message_moved(move);
    }
  } else if (const auto* redrive = std::get_if<MoveRecord>(&record)) {
    Queue& from = *engine_.find(redrive->queue);
    for (const Redrive& moved : redrive->moves) {
      Queue& to = *engine_.find(moved.destination);
      MessageMove move{.from_queue = from.address(), .to_queue = to.address()};
      move.kind = MoveKind::kRedriven;
      move.time = redrive->time;
      move.from = Place{from.id(), moved.from};
      move.to = Place{to.id(), moved.to};
      move.new_id = moved.message_id;
      observer_->message_moved(move);
    }
  }
}

Broker::Awaitable<std::optional<FoundMessage>> LocalBroker::find_message(
    FindMessageRequest request, Cancellation& cancellation) {
  std::optional<FoundMessage> found;
  Finding finding{request, cancellation};
  for (std::size_t i = 0; i < request.likely.size() && !found && !given_up(finding); ++i) {
    const Place place = request.likely[i];
    found = co_await look_at(place, finding);
  }
  if (!found && request.search == Search::kEverywhere) {
    found = co_await search(finding);
  }
  co_await journal_.wait_durable(journal_.last());
  co_return found;
}

// What somebody looks for is most often in a dead-letter queue, and those are small.
std::vector<QueueId> LocalBroker::smallest_first(const FindMessageRequest& request) {
  ListQueuesRequest list;
  list.region = request.region;
  list.account = request.account;
  list.limit = SIZE_MAX;
  std::vector<std::pair<std::uint64_t, QueueId>> sizes;
  for (const QueueAddress& address : engine_.list(list).queues) {
    Queue& queue = *engine_.find(address);
    sizes.emplace_back(queue.messages().count_all(), queue.id());
  }
  std::sort(sizes.begin(), sizes.end());
  std::vector<QueueId> queues;
  for (const auto& [size, queue] : sizes) queues.push_back(queue);
  return queues;
}

bool LocalBroker::given_up(const Finding& finding) const {
  return stopping_ || finding.cancellation.requested();
}

Broker::Awaitable<std::optional<FoundMessage>> LocalBroker::search(Finding& finding) {
  std::optional<FoundMessage> found;
  for (const QueueId id : smallest_first(finding.request)) {
    Place place{id, Sequence()};
    Queue* queue = engine_.find(id);
    const Entry* entry = queue != nullptr ? queue->messages().first_from(place.sequence) : nullptr;
    while (entry != nullptr && !found && !given_up(finding)) {
      place.sequence = entry->sequence;
      found = co_await look_at(place, finding);
      place.sequence = place.sequence.next();
      queue = engine_.find(id);
      entry = queue != nullptr ? queue->messages().first_from(place.sequence) : nullptr;
    }
    if (found) break;
  }
  co_return found;
}

// The message there, if it has one of the ids, and is still there when it has been read.
Broker::Awaitable<std::optional<FoundMessage>> LocalBroker::look_at(Place place, Finding& finding) {
  std::optional<FoundMessage> found;
  if (finding.messages >= kReadPerTurn || finding.bytes >= kReadBytesPerTurn) {
    finding.messages = 0;
    finding.bytes = 0;
    co_await asio::post(loop_, asio::use_awaitable);
  }
  finding.messages += 1;
  const std::optional<BodyRef> body = engine_.body_of(place.queue, place.sequence);
  if (!body) co_return found;
  finding.bytes += body->size;
  std::optional<StoredMessage> stored = co_await journal_.read(*body);
  Queue* const queue = engine_.find(place.queue);
  const Entry* const entry = queue != nullptr ? queue->messages().find(place.sequence) : nullptr;
  if (!stored || entry == nullptr || queue->expired(*entry, clock_.now())) co_return found;
  const Origin* const origin = queue->messages().origin(*entry);
  const Uuid first_id = stored->message_id;
  const Uuid id = origin != nullptr ? origin->message_id.value_or(first_id) : first_id;
  const std::vector<Uuid>& ids = finding.request.ids;
  if (!is_one_of(id, ids) && !is_one_of(first_id, ids)) co_return found;
  found.emplace();
  found->queue = queue->address();
  found->seen.message = message_from(engine_.view_of(*queue, *entry), std::move(*stored));
  found->seen.state = entry->state;
  found->due = entry->due();
  found->first_id = first_id;
  co_return found;
}

}  // namespace headrace::queue
