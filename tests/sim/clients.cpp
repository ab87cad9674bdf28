#include "tests/sim/clients.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "tests/sim/attributes.hpp"

namespace headrace::sim {

namespace {

using Messages = std::vector<queue::ReceivedMessage>;

constexpr std::size_t kHeldMax = 30;
constexpr std::int64_t kDrainVisibility = 20;  // a FIFO queue takes no handle whose lease is over
constexpr int kOversize = -1;                  // in place of a letter: a body above the limit

}  // namespace

Clients::Clients(Run& run) : run_(run), clients_(1 + run.swarm.clients) {
  for (const auto& [name, setup] : run.history.queues) existence_.emplace(name, Register("no"));
  define_settings();
}

void Clients::connect(Server& server) {
  calls_.clear();  // of the life before: they had to outlive it
  server_ = &server;
}

void Clients::server_dies() {
  const Moment now = run_.history.next_moment();
  for (auto& [name, exists] : existence_) exists.server_died(now);
  run_.history.settings.server_died(now);
  run_.promises.tell(&Promise::on_server_died);
  emptying_.clear();
  purging_.clear();
  deletes_open_ = 0;
  for (auto& [moment, call] : calls_) {
    clients_[call.client].busy = false;
    if (call.client != kWorld) clients_[call.client].again = std::move(call.again);
  }
  server_ = nullptr;
}

Clients::Call& Clients::begin(std::size_t client, const std::string& queue,
                              std::function<void()> again) {
  clients_[client].busy = true;
  const Moment moment = run_.history.next_moment();
  Call& call = calls_[moment];
  call.client = client;
  call.queue = queue;
  call.span.life = server_->life_of(queue);
  call.span.called = server_->now();
  call.span.call = moment;
  call.again = std::move(again);
  return call;
}

Span Clients::end(Moment moment) {
  const auto found = calls_.find(moment);
  HR_CHECK(found != calls_.end());
  Call& call = found->second;
  Client& client = clients_[call.client];
  client.busy = false;
  const bool lost = call.client != kWorld && run_.random.below(100) < run_.swarm.lost_of_100;
  if (lost) client.again = std::move(call.again);
  Span span = call.span;
  span.answered = server_->now();
  span.answer = run_.history.next_moment();
  if (server_->life_of(call.queue) != span.life) span.life = 0;
  calls_.erase(found);
  run_.answered = true;
  run_.trace.note(span.answered, lost ? "lost answer" : "answer", moment);
  return span;
}

void Clients::act() {
  Random& random = run_.random;
  const Swarm& swarm = run_.swarm;
  const std::size_t client = 1 + random.below(swarm.clients);
  if (swarm.long_polls && random.one_in(40)) cancel_a_poll();
  if (clients_[client].busy) return;
  if (clients_[client].again) {
    const std::function<void()> again = std::exchange(clients_[client].again, nullptr);
    if (random.below(8) > 0) return again();
  }
  switch (random.below(24)) {
    case 0: return swarm.redrive ? redrive(client) : send(client);
    case 1: return swarm.purge && random.one_in(4) ? purge(client) : send(client);
    case 2: return swarm.lifecycle ? come_or_go(client) : send(client);
    case 3:
    case 4: return swarm.attributes ? set_attributes(client) : send(client);
    case 5:
    case 6: return swarm.visibility ? change(client) : receive(client);
    default: break;
  }
  switch (random.below(5)) {
    case 0:
    case 1: return send(client);
    case 2:
    case 3: return receive(client);
    default: return remove(client);
  }
}

std::string Clients::any_queue(const std::function<bool(const QueueSetup&)>& wanted) {
  const bool fifo = run_.swarm.fifo && run_.random.below(3) > 0;
  std::vector<std::string> names;
  for (const auto& [name, setup] : run_.history.queues) {
    if (wanted(setup) && setup.fifo == fifo) names.push_back(name);
  }
  return names[run_.random.below(names.size())];
}

void Clients::send(std::size_t client) {
  Random& random = run_.random;
  const std::string queue = any_queue([](const QueueSetup& setup) { return setup.takes_sends; });
  std::vector<int> letters;
  const std::uint64_t count = run_.swarm.batches ? 1 + random.below(10) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    letters.push_back(letter_for(queue));
  }
  if (run_.swarm.batches && random.one_in(6)) letters.back() = kOversize;
  send_letters(client, queue, letters);
}

// A new letter; to a FIFO queue also one that was sent before, by whomever and whenever.
int Clients::letter_for(const std::string& queue) {
  Random& random = run_.random;
  const QueueSetup& setup = run_.history.queues.at(queue);
  if (!setup.fifo) {
    const bool delayed = run_.swarm.delays && random.one_in(3);
    return run_.history.new_letter(queue,
                                   delayed ? static_cast<std::int64_t>(random.below(20)) : 0);
  }
  const std::uint64_t written = run_.history.letters.size();
  if (run_.swarm.duplicates && written > 0 && random.one_in(3)) {
    const std::uint64_t newest = std::min<std::uint64_t>(written, random.one_in(2) ? 5 : written);
    const auto old = static_cast<int>(written - 1 - random.below(newest));
    if (letter(old).queue == queue) return old;
  }
  return run_.history.new_letter(queue, setup.delay);
}

queue::SendEntry Clients::entry_of(const std::string& queue, int number) const {
  const bool fifo = run_.history.queues.at(queue).fifo;
  if (number != kOversize) {
    queue::SendEntry entry{run_.history.content_to_send(number), std::nullopt};
    if (!fifo) entry.delay_seconds = run_.history.letter(number)->delay_seconds;
    return entry;
  }
  queue::MessageContent content;
  content.body = std::string(kMessageBytesMax + 1, 'x');
  if (fifo) {
    content.group_id = "g0";
    content.deduplication_id = "oversize";
  }
  return {std::move(content), {}};
}

void Clients::send_letters(std::size_t client, const std::string& queue,
                           const std::vector<int>& letters) {
  const Call& call = begin(
      client, queue, [this, client, queue, letters] { send_letters(client, queue, letters); });
  run_.trace.note(server_->now(), "send", call.span.call, queue, letters.size());
  queue::SendRequest request{address_of(queue), {}};
  for (const int number : letters) {
    request.entries.push_back(entry_of(queue, number));
    if (number == kOversize) continue;
    Letter& sent = letter(number);
    // A server that starts anew may be behind the time of the one before.
    if (sent.attempts++ == 0 || server_->now() < sent.first_call) sent.first_call = server_->now();
    if (sent.first_moment == 0) sent.first_moment = call.span.call;
    if (emptying_[queue] > 0) sent.may_be_gone = true;
    if (purging_[queue] > 0) sent.may_be_purged = true;
    if (run_.history.queues.at(queue).fifo) sent.open_sends[call.span.call] = call.span.called;
  }
  start(call, server_->broker().send(std::move(request)),
        [this, queue, letters](auto results, const Span& span) {
          on_sent(queue, letters, results, span);
        });
}

bool Clients::lacks_id(const std::vector<int>& letters) const {
  return std::any_of(letters.begin(), letters.end(), [this](int number) {
    return number != kOversize && run_.history.home(number).fifo &&
           run_.history.content_to_send(number).deduplication_id.empty();
  });
}

void Clients::on_sent(const std::string& queue, const std::vector<int>& letters,
                      const queue::Result<std::vector<queue::Result<queue::SendResult>>>& results,
                      const Span& span) {
  const auto may_have_been = [&](const char* content_based) {
    return run_.history.settings.may_have_been(queue, "ContentBasedDeduplication", content_based,
                                               span.call, span.answer);
  };
  const bool lacking = lacks_id(letters);
  const bool refused = lacking && !results && may_have_been("false") &&
                       results.error().code == queue::ErrorCode::kInvalidParameterValue;
  if (lacking && results && !may_have_been("true")) run_.broken("F4 a send has an id", queue);
  if (refused || !accepted(queue, error_of(results), span)) {
    for (const int number : letters) {
      if (number == kOversize) continue;
      --letter(number).attempts;
      letter(number).open_sends.erase(span.call);
    }
    return;
  }
  if (results->size() != letters.size()) return run_.broken("B1", "results are not the entries'");
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const queue::Result<queue::SendResult>& result = (*results)[i];
    if (result.has_value() == (letters[i] == kOversize)) {
      return run_.broken("B1 entries stand alone", "an entry of a send to " + queue);
    }
    if (!result) continue;
    Letter& sent = letter(letters[i]);
    sent.stored.emplace(result->message_id, span);
    Stored stored{queue, letters[i],  result->message_id, std::nullopt,
                  span,  span.called, span.call,          told_twin(letters[i], span)};
    if (result->sequence) stored.sequence = result->sequence->value();
    const auto may_be_of = [&stored](const Letter& one) {
      for (const auto& [call, called] : one.open_sends) {
        stored.not_before = std::min(stored.not_before, called);
        stored.not_before_call = std::min(stored.not_before_call, call);
      }
    };
    may_be_of(sent);
    if (stored.twin) {
      may_be_of(letter(*stored.twin));
      sent.open_sends.erase(span.call);
    } else {
      // What an earlier send stored would have been told now.
      sent.open_sends.erase(sent.open_sends.begin(), sent.open_sends.upper_bound(span.call));
    }
    run_.promises.tell(&Promise::on_stored, stored);
  }
  if (letters != std::vector<int>{kOversize}) durable(span);
}

void Clients::receive(std::size_t client) {
  Random& random = run_.random;
  queue::ReceiveRequest request;
  request.address = address_of(any_queue([](const QueueSetup&) { return true; }));
  request.max_messages = run_.swarm.batches ? 1 + random.below(10) : 1;
  if (random.one_in(4)) {
    request.visibility_timeout = random.one_in(3) ? 0 : static_cast<std::int64_t>(random.below(20));
  }
  const bool waits = run_.swarm.long_polls && random.one_in(2);
  request.wait_seconds = waits ? static_cast<std::int64_t>(1 + random.below(20)) : 0;
  if (run_.swarm.attempts && random.one_in(2)) try_anew(client, request);
  receive_from(client, request);
}

// With an attempt id, most often a new one.
void Clients::try_anew(std::size_t client, queue::ReceiveRequest& request) {
  std::optional<queue::ReceiveRequest>& last = clients_[client].attempt;
  if (last && run_.random.one_in(4)) {
    request = *last;
    return;
  }
  request.attempt_id = "attempt-" + std::to_string(++attempts_begun_);
  last = request;
}

void Clients::receive_from(std::size_t client, const queue::ReceiveRequest& request) {
  Call& call = begin(client, request.address.name,
                     [this, client, request] { receive_from(client, request); });
  run_.trace.note(server_->now(), "receive", call.span.call, request.address.name,
                  request.max_messages, static_cast<std::uint64_t>(*request.wait_seconds));
  call.cancellation = std::make_unique<Cancellation>();
  if (*request.wait_seconds > 0) call.polls = request.address.name;
  if (!request.attempt_id.empty()) {
    attempts_.try_emplace(request.attempt_id, Attempt{call.span.call, {}});
  }
  ++receives_begun_;
  start(call, server_->broker().receive(request, *call.cancellation),
        [this, client, request](auto messages, const Span& span) {
          on_received(client, request, messages, span);
        });
}

void Clients::on_received(std::size_t client, const queue::ReceiveRequest& request,
                          const queue::Result<Messages>& messages, const Span& span) {
  const std::string& name = request.address.name;
  if (!accepted(name, error_of(messages), span)) {
    ++receives_answered_;
    return;
  }
  if (messages->size() > request.max_messages) run_.broken("B1", "more messages than asked for");
  // A receive leaves out what was deleted before it could be read. Should the server die before
  // that is durable, those messages are back, received once more than anybody has seen.
  const bool may_lack = emptying_[name] > 0 || deletes_open_ > 0;
  if (!may_lack || messages->size() == request.max_messages) ++receives_answered_;
  Received received{name, request.attempt_id, visibility_of(request, span), span, {}};
  for (const queue::ReceivedMessage& message : *messages) {
    received.deliveries.push_back(delivery_of(request, message, span));
  }
  run_.promises.tell(&Promise::on_received, received);
  for (const Delivery& delivery : received.deliveries) {
    const queue::ReceivedMessage& message = delivery.message;
    const char* got = delivery.again ? "  got again letter" : "  got letter";
    run_.trace.note(span.answered, got, static_cast<std::uint64_t>(delivery.letter + 1),
                    message.receive_count, to_string(message.message_id));
    run_.promises.tell(&Promise::on_delivered, delivery);
    keep(client, delivery);
  }
  if (client != kWorld || messages->empty()) return;
  const std::vector<Held> all(clients_[kWorld].held.begin(), clients_[kWorld].held.end());
  clients_[kWorld].held.clear();
  remove_held(kWorld, all);
}

Settings::Range Clients::visibility_of(const queue::ReceiveRequest& request,
                                       const Span& span) const {
  if (request.visibility_timeout) return {*request.visibility_timeout, *request.visibility_timeout};
  return run_.history.settings.range(request.address.name, "VisibilityTimeout", span.call,
                                     span.answer);
}

Delivery Clients::delivery_of(const queue::ReceiveRequest& request,
                              const queue::ReceivedMessage& message, const Span& span) {
  Delivery delivery;
  delivery.queue = request.address.name;
  delivery.letter = run_.history.find_letter(message.content);
  delivery.message = message;
  delivery.span = span;
  delivery.visibility = visibility_of(request, span);
  delivery.first_call = span.call;
  delivery.unanswered = receives_begun_ - receives_answered_;
  if (message.sequence && !request.attempt_id.empty()) {
    Attempt& attempt = attempts_.at(request.attempt_id);
    delivery.again = !attempt.handles.insert(message.receipt_handle).second;
    delivery.first_call = attempt.first_call;
  }
  return delivery;
}

void Clients::keep(std::size_t client, const Delivery& delivery) {
  std::deque<Held>& held = clients_[client].held;
  // A client whose answer was lost has no handle.
  if (clients_[client].again) return;
  held.push_back({delivery.queue, delivery.message.message_id, delivery.letter,
                  delivery.message.receipt_handle, delivery.span.answer, false});
  if (held.size() > kHeldMax && client != kWorld) held.pop_front();
}

void Clients::drain(const std::string& queue) {
  queue::ReceiveRequest request;
  request.address = address_of(queue);
  request.max_messages = 10;
  request.visibility_timeout = kDrainVisibility;
  request.wait_seconds = 0;
  receive_from(kWorld, request);
}

bool Clients::polls(const std::string& queue) const {
  for (const auto& [moment, call] : calls_) {
    if (call.polls == queue) return true;
  }
  return false;
}

void Clients::cancel_a_poll() {
  for (auto& [moment, call] : calls_) {
    if (call.polls.empty() || !run_.random.one_in(3)) continue;
    run_.trace.note(server_->now(), "cancel", moment);
    call.polls.clear();
    return call.cancellation->request();
  }
}

bool Clients::accepted(const std::string& queue, const std::optional<queue::Error>& error,
                       const Span& span) {
  const bool missing = error && error->code == queue::ErrorCode::kQueueDoesNotExist;
  const std::string seen = missing ? "no" : "yes";
  if (error && !missing) {
    // A full disk refuses before it looks at the queue.
    if (error->code != queue::ErrorCode::kServiceUnavailable) {
      run_.broken("unexpected error", error->message);
    }
    return false;
  }
  if (!existence_.at(queue).may_have_been(seen, span.call, span.answer)) {
    run_.broken("Q1 queues come and go when told", queue + (missing ? " is gone" : " is there"));
  }
  return !error;
}

void Clients::check(const Inventory& inventory) {
  const Moment now = run_.history.next_moment();
  for (const auto& [name, exists] : existence_) {
    const bool there = inventory.queues.contains(name);
    if (!exists.may_have_been(there ? "yes" : "no", now, now)) {
      run_.broken("Q1 queues come and go when told", name + (there ? " is there" : " is gone"));
    }
  }
  for (const auto& [name, seen] : inventory.queues) {
    check_settings(name, seen.description.attributes);
  }
}

}  // namespace headrace::sim
