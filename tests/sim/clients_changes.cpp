// The part of Clients that changes what messages there are: deletes, visibility, redrives.
#include <algorithm>

#include "tests/sim/clients.hpp"

namespace headrace::sim {

namespace {

using Statuses = queue::Result<std::vector<queue::Status>>;

// As the handle of another message, under the MAC of this one.
std::string forged(std::string handle) {
  constexpr std::size_t kInSequence = 15;
  handle[kInSequence] = handle[kInSequence] == 'A' ? 'B' : 'A';
  return handle;
}

}  // namespace

std::vector<Clients::Held> Clients::some_held(std::size_t client) {
  Random& random = run_.random;
  const std::deque<Held>& held = clients_[client].held;
  std::vector<Held> some;
  if (held.empty()) return some;
  const std::size_t first = random.one_in(3) ? random.below(held.size()) : held.size() - 1;
  some.push_back(held[first]);
  const std::size_t wanted = run_.swarm.batches ? 1 + random.below(5) : 1;
  for (const Held& other : held) {
    const auto same = [&other](const Held& one) { return one.id == other.id; };
    if (some.size() >= wanted) break;
    if (other.queue != some[0].queue || std::any_of(some.begin(), some.end(), same)) continue;
    some.push_back(other);
  }
  return some;
}

void Clients::remove(std::size_t client) {
  std::vector<Held> held = some_held(client);
  if (held.empty()) return;
  if (run_.random.one_in(4)) {
    // Two workers on one message: the other may delete it at the same time.
    clients_[1 + run_.random.below(run_.swarm.clients)].held.push_back(held[0]);
  }
  if (run_.random.one_in(2)) {
    std::erase_if(clients_[client].held, [&held](const Held& one) {
      return std::any_of(held.begin(), held.end(),
                         [&one](const Held& other) { return one.handle == other.handle; });
    });
  }
  if (run_.swarm.forgery && run_.random.one_in(2)) {
    Held forgery = held[0];
    forgery.handle = forged(forgery.handle);
    forgery.forged = true;
    held.push_back(std::move(forgery));
  }
  remove_held(client, held);
}

void Clients::remove_held(std::size_t client, const std::vector<Held>& held) {
  const std::string& queue = held[0].queue;
  const Call& call = begin(client, queue, [this, client, held] { remove_held(client, held); });
  run_.trace.note(server_->now(), "delete", call.span.call, queue, held.size());
  ++deletes_begun_;
  ++deletes_open_;
  queue::DeleteRequest request{address_of(queue), {}};
  for (const Held& one : held) {
    request.receipt_handles.push_back(one.handle);
    if (!one.forged && one.letter >= 0) ++letter(one.letter).deletes[one.id];
  }
  start(call, server_->broker().remove(std::move(request)),
        [this, held](auto results, const Span& span) { on_removed(held, results, span); });
}

void Clients::on_removed(const std::vector<Held>& held, const Statuses& results, const Span& span) {
  --deletes_open_;
  const std::string& queue = held[0].queue;
  if (!accepted(queue, error_of(results), span)) return;
  if (results->size() != held.size()) return run_.broken("B1", "results are not the entries'");
  for (std::size_t i = 0; i < held.size(); ++i) {
    check_handle(held[i], (*results)[i]);
    use(held[i], HandleUse::What::kDelete, (*results)[i], span);
    if (!(*results)[i] || held[i].forged) continue;
    run_.promises.tell(&Promise::on_deleted, queue, held[i].id, span);
    durable(span);
  }
}

void Clients::check_handle(const Held& held, const queue::Status& status) {
  const bool refused = !status && status.error().code == queue::ErrorCode::kReceiptHandleIsInvalid;
  if (held.forged && !refused) run_.broken("S6 handles cannot be forged", "on " + held.queue);
  const auto deleted = deleted_.find(held.queue);
  const bool stale = deleted != deleted_.end() && held.received < deleted->second;
  if (stale && !refused) run_.broken("Q1 a new queue knows no old handle", "on " + held.queue);
  if (!held.forged && refused && !deletion_asked_.contains(held.queue)) {
    run_.broken("S6 handles stay valid", "on " + held.queue);
  }
}

// FIFO: the answer to a handle depends on its lease; a delete that was refused did not happen.
void Clients::use(const Held& held, HandleUse::What what, const queue::Status& status,
                  const Span& span) {
  const bool fifo = run_.history.queues.at(held.queue).fifo;
  if (!fifo || held.forged || held.letter < 0) return;
  run_.promises.tell(&Promise::on_handle_used, HandleUse{what, held.queue, held.letter, held.id,
                                                         held.handle, span, status.has_value()});
  std::map<Uuid, int>& deletes = letter(held.letter).deletes;
  const bool refused = what == HandleUse::What::kDelete && !status;
  if (refused && --deletes[held.id] == 0) deletes.erase(held.id);
}

void Clients::change(std::size_t client) {
  const std::vector<Held> held = some_held(client);
  std::vector<std::int64_t> seconds;
  for (std::size_t i = 0; i < held.size(); ++i) {
    seconds.push_back(run_.random.one_in(3) ? 0 : static_cast<std::int64_t>(run_.random.below(30)));
  }
  if (!held.empty()) change_held(client, held, seconds);
}

void Clients::change_held(std::size_t client, const std::vector<Held>& held,
                          const std::vector<std::int64_t>& seconds) {
  const Call& call = begin(client, held[0].queue,
                           [this, client, held, seconds] { change_held(client, held, seconds); });
  run_.trace.note(server_->now(), "change", call.span.call, held[0].queue, held.size());
  queue::ChangeVisibilityRequest request{address_of(held[0].queue), {}};
  for (std::size_t i = 0; i < held.size(); ++i) {
    request.entries.push_back({held[i].handle, seconds[i]});
    run_.promises.tell(&Promise::on_change_asked, held[i].id, call.span, seconds[i]);
  }
  start(call, server_->broker().change_visibility(std::move(request)),
        [this, held, seconds](auto results, const Span& span) {
          on_changed(held, seconds, results, span);
        });
}

void Clients::on_changed(const std::vector<Held>& held, const std::vector<std::int64_t>& seconds,
                         const Statuses& results, const Span& span) {
  if (!accepted(held[0].queue, error_of(results), span)) return;
  if (results->size() != held.size()) return run_.broken("B1", "results are not the entries'");
  for (std::size_t i = 0; i < held.size(); ++i) {
    check_handle(held[i], (*results)[i]);
    use(held[i], HandleUse::What::kChange, (*results)[i], span);
    if (!(*results)[i]) continue;
    run_.promises.tell(&Promise::on_changed, held[i].id, span, seconds[i]);
    durable(span);
  }
}

void Clients::redrive(std::size_t client) {
  const bool fifo = run_.swarm.fifo && run_.random.one_in(2);
  const std::string source = fifo ? "f-dlq.fifo" : "a-dlq";
  if (!run_.history.queues.contains(source)) return;
  const Call& call = begin(client, source, nullptr);
  run_.trace.note(server_->now(), "redrive", call.span.call);
  const std::set<std::uint64_t> before = server_->sequences(source);
  // A delete that is under way takes messages out too, and need not be durable yet.
  const std::uint64_t deletes = deletes_open_ > 0 ? 0 : deletes_begun_;
  const queue::MoveRequest request{address_of(source), std::nullopt, 1 + run_.random.below(10)};
  start(call, server_->broker().move_messages(request),
        [this, source, before, deletes](auto result, const Span& span) {
          if (!accepted(source, error_of(result), span) || result->moved == 0) return;
          if (deletes != deletes_begun_) return;
          std::set<std::uint64_t> gone = before;
          for (const std::uint64_t sequence : server_->sequences(source)) gone.erase(sequence);
          run_.promises.tell(&Promise::on_redriven, source, gone);
        });
}

}  // namespace headrace::sim
