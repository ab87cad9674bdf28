// The part of Clients that makes, changes, empties and deletes queues.
#include "tests/sim/attributes.hpp"
#include "tests/sim/clients.hpp"

namespace headrace::sim {

void Clients::define_settings() {
  for (const auto& [name, setup] : run_.history.queues) {
    run_.history.settings.define(name, attributes_of(setup));
  }
}

void Clients::mark_letters(const std::string& queue, bool Letter::*mark) {
  for (Letter& letter : run_.history.letters) {
    if (letter.queue == queue && letter.attempts > 0) letter.*mark = true;
  }
}

void Clients::purge(std::size_t client) {
  const std::string queue = any_queue([](const QueueSetup& setup) { return setup.takes_sends; });
  const Call& call = begin(client, queue, nullptr);
  run_.trace.note(server_->now(), "purge", call.span.call, queue);
  mark_letters(queue, &Letter::may_be_gone);
  mark_letters(queue, &Letter::may_be_purged);
  ++emptying_[queue];
  ++purging_[queue];
  start(call, server_->broker().purge_queue(address_of(queue)),
        [this, queue](auto status, const Span& span) {
          --emptying_[queue];
          --purging_[queue];
          if (!accepted(queue, error_of(status), span)) return;
          run_.promises.tell(&Promise::on_emptied, queue, span);
          durable(span);
        });
}

void Clients::come_or_go(std::size_t client) {
  std::vector<std::string> names;
  for (const auto& [name, setup] : run_.history.queues) {
    if (setup.comes_and_goes) names.push_back(name);
  }
  const std::string queue = names[run_.random.below(names.size())];
  if (run_.random.one_in(4)) return delete_queue(client, queue);
  create(client, queue);
}

void Clients::create(std::size_t client, const std::string& queue) {
  const Call& call = begin(client, queue, nullptr);
  run_.trace.note(server_->now(), "create queue", call.span.call, queue);
  const queue::AttributeMap attributes = attributes_of(run_.history.queues.at(queue));
  existence_.at(queue).asked("yes", call.span.call);
  run_.history.settings.asked(queue, attributes, call.span.call);
  const queue::CreateQueueRequest request{address_of(queue), attributes, {}};
  start(call, server_->broker().create_queue(request),
        [this, queue](auto created, const Span& span) { on_created(queue, created, span); });
}

// Spec 4.3: of a queue that is there it is only asked whether the attributes are its own.
void Clients::on_created(const std::string& queue,
                         const queue::Result<queue::QueueAddress>& created, const Span& span) {
  Settings& settings = run_.history.settings;
  Register& exists = existence_.at(queue);
  const bool differs = !created && created.error().code == queue::ErrorCode::kQueueNameExists;
  if (created && span.life == 0) {
    exists.answered(span.call, span.answer);
    return settings.answered(queue, span.call, span.answer);
  }
  settings.refused(queue, span.call);
  if (created) {
    exists.answered(span.call, span.answer);
  } else {
    exists.refused(span.call);
  }
  if (!created && !differs) {
    accepted(queue, error_of(created), span);
    return;
  }
  bool may_differ = false;
  for (const auto& [name, value] : attributes_of(run_.history.queues.at(queue))) {
    may_differ |= settings.may_have_differed(queue, name, value, span.call, span.answer);
    const bool equal = settings.may_have_been(queue, name, value, span.call, span.answer);
    if (created && !equal) run_.broken("Q1 a queue is confirmed as it is", queue + ": " + name);
  }
  if (differs && !may_differ) run_.broken("Q1 a queue is confirmed as it is", queue);
}

void Clients::delete_queue(std::size_t client, const std::string& queue) {
  const Call& call = begin(client, queue, nullptr);
  run_.trace.note(server_->now(), "delete queue", call.span.call, queue);
  mark_letters(queue, &Letter::may_be_gone);
  deletion_asked_.insert(queue);
  ++emptying_[queue];
  existence_.at(queue).asked("no", call.span.call);
  start(call, server_->broker().delete_queue(address_of(queue)),
        [this, queue](auto status, const Span& span) {
          --emptying_[queue];
          Register& exists = existence_.at(queue);
          if (!status) {
            exists.refused(span.call);
            accepted(queue, error_of(status), span);
            return;
          }
          exists.answered(span.call, span.answer);
          deleted_[queue] = std::max(deleted_[queue], span.call);
          run_.promises.tell(&Promise::on_emptied, queue, span);
          durable(span);
        });
}

void Clients::set_attributes(std::size_t client) {
  const std::string queue = any_queue([](const QueueSetup& setup) { return setup.takes_sends; });
  const queue::AttributeMap values = other_attributes(queue);
  const Call& call = begin(client, queue, nullptr);
  for (const auto& [name, value] : values) {
    run_.trace.note(server_->now(), "set attribute", call.span.call, queue, name, value);
  }
  run_.history.settings.asked(queue, values, call.span.call);
  start(call, server_->broker().set_attributes(address_of(queue), values),
        [this, queue](auto status, const Span& span) {
          Settings& settings = run_.history.settings;
          if (!accepted(queue, error_of(status), span)) return settings.refused(queue, span.call);
          settings.answered(queue, span.call, span.answer);
          durable(span);
        });
}

queue::AttributeMap Clients::other_attributes(const std::string& queue) {
  Random& random = run_.random;
  const QueueSetup& setup = run_.history.queues.at(queue);
  const auto up_to = [&random](std::uint64_t max) { return std::to_string(random.below(max + 1)); };
  queue::AttributeMap values;
  if (setup.scope_changes && random.one_in(2)) {
    if (random.one_in(2)) {
      values = {{"DeduplicationScope", "queue"}, {"FifoThroughputLimit", "perQueue"}};
    } else {
      const char* limit = random.one_in(2) ? "perQueue" : "perMessageGroupId";
      values = {{"DeduplicationScope", "messageGroup"}, {"FifoThroughputLimit", limit}};
    }
  } else if (setup.content_based && random.one_in(2)) {
    values["ContentBasedDeduplication"] = random.one_in(3) ? "false" : "true";
  } else if (setup.fifo && run_.swarm.delays && random.one_in(2)) {
    values["DelaySeconds"] = up_to(10);
  } else if (!setup.dead_letter_queue.empty() && random.one_in(2)) {
    const std::uint64_t max_receives = random.below(4);
    values["RedrivePolicy"] =
        max_receives == 0 ? "" : redrive_policy(setup.dead_letter_queue, max_receives);
  } else {
    values["VisibilityTimeout"] = up_to(30);
  }
  return values;
}

void Clients::check_settings(const std::string& queue, const queue::QueueAttributes& found) {
  const Moment now = run_.history.next_moment();
  const queue::AttributeMap values = found.to_map();
  for (const auto& [name, setting] : run_.history.settings.of(queue)) {
    const auto there = values.find(name);
    const std::string value = there == values.end() ? "" : there->second;
    if (!setting.may_have_been(value, now, now)) {
      run_.broken("Q2 attributes are as they were set", queue + " has " + name + " " + value);
    }
  }
}

std::optional<int> Clients::told_twin(int number, const Span& span) const {
  const std::optional<int> twin = run_.history.twin(number);
  if (!twin) return std::nullopt;
  const bool in_all_groups = run_.history.settings.may_have_been(
      run_.history.letter(number)->queue, "DeduplicationScope", "queue", span.call, span.answer);
  return in_all_groups ? twin : std::nullopt;
}

}  // namespace headrace::sim
