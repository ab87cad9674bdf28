#include "runtime/explain.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "base/log.hpp"

namespace headrace::runtime {

namespace {

bool is_deleted(AttemptOutcome outcome) {
  return outcome == AttemptOutcome::kHandled || outcome == AttemptOutcome::kFiltered;
}

// True when an attempt where it was last ended with its deletion: it need not be searched
// elsewhere. Another attempt, of a longer batch, may have ended after that one.
bool ended(const MessageLife& life) {
  for (auto event = life.events.rbegin(); event != life.events.rend(); ++event) {
    const auto* attempt = std::get_if<Attempt>(&*event);
    if (attempt == nullptr) return false;
    if (is_deleted(attempt->outcome)) return true;
  }
  return false;
}

// Where it was last comes first.
queue::FindMessageRequest find_request(const ExplainRequest& request, const MessageLife& life) {
  queue::FindMessageRequest find;
  find.region = request.region;
  find.account = request.account;
  find.ids = life.ids;
  find.likely.assign(life.places.rbegin(), life.places.rend());
  find.search = ended(life) ? queue::Search::kLikelyPlaces : queue::Search::kEverywhere;
  return find;
}

boost::asio::awaitable<void> ask_history(History& history, LifeQuery query,
                                         Explanation& explanation) {
  Result<MessageLife> life = co_await history.find(query);
  explanation.has_history = life.has_value();
  if (life) {
    explanation.life = std::move(*life);
  } else {
    log_warning("history not read reason={}", life.error().message);
  }
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Adds what the message itself tells. True when the history was not asked about that.
bool add_found(LifeQuery& query, const MessageLife& life, const queue::FoundMessage& found) {
  const queue::ReceivedMessage& message = found.seen.message;
  const bool known = contains(life.ids, message.message_id) && contains(life.ids, found.first_id) &&
                     contains(life.places, message.place);
  for (const Uuid& id : {message.message_id, found.first_id}) {
    if (!contains(query.ids, id)) query.ids.push_back(id);
  }
  query.places.push_back(message.place);
  return !known;
}

const char* name_of(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kHandled: return "handled";
    case AttemptOutcome::kFailed: return "failed";
    case AttemptOutcome::kThrottled: return "throttled";
    case AttemptOutcome::kFiltered: return "filtered";
  }
  return "";
}

std::string queue_name(std::string_view arn) {
  return bounded_utf8(arn.substr(arn.rfind(':') + 1), kHistoryTextBytesMax);
}

class EventWriter {
 public:
  explicit EventWriter(JsonWriter& out) : out_(out) {}

  void operator()(const Attempt& attempt) const {
    out_.begin_object()
        .member("event", "attempt")
        .member("time_ms", to_epoch_ms(attempt.started))
        .member("outcome", name_of(attempt.outcome))
        .member("queue", queue_name(attempt.queue));
    text("function", attempt.function);
    text("version", attempt.version);
    text("request_id", attempt.request_id);
    if (!attempt.request_id.empty()) out_.member("duration_us", attempt.duration_us);
    text("error", attempt.error);
    out_.end_object();
  }

  void operator()(const MoveRow& move) const {
    const bool redriven = move.kind == queue::MoveKind::kRedriven;
    out_.begin_object()
        .member("event", redriven ? "redriven" : "dead_lettered")
        .member("time_ms", to_epoch_ms(move.time))
        .member("from", queue_name(move.from_queue))
        .member("to", queue_name(move.to_queue));
    if (redriven) {
      out_.member("new_message_id", to_string(move.new_id));
    } else {
      out_.member("receive_count", move.receive_count)
          .member("max_receive_count", move.max_receive_count);
    }
    out_.end_object();
  }

 private:
  // What was stored is shown with the caution that foreign text needs.
  void text(const char* name, const std::string& value) const {
    if (!value.empty()) out_.member(name, bounded_utf8(value, kHistoryTextBytesMax));
  }

  JsonWriter& out_;
};

std::string first_queue(const Explanation& explanation) {
  if (!explanation.life.events.empty()) {
    const LifeEvent& first = explanation.life.events.front();
    const auto* attempt = std::get_if<Attempt>(&first);
    return queue_name(attempt != nullptr ? attempt->queue : std::get<MoveRow>(first).from_queue);
  }
  if (!explanation.now) return {};
  const std::string& source = explanation.now->seen.message.dead_letter_source_arn;
  return source.empty() ? explanation.now->queue.name : queue_name(source);
}

void write_sent(JsonWriter& out, const Explanation& explanation) {
  std::optional<TimePoint> sent = explanation.life.sent;
  if (explanation.now) {
    const TimePoint now_sent = explanation.now->seen.message.sent;
    sent = std::min(sent.value_or(now_sent), now_sent);
  }
  const std::string queue = first_queue(explanation);
  if (sent) out.member("sent_ms", to_epoch_ms(*sent));
  if (!queue.empty()) out.member("sent_to", queue);
}

void write_found(JsonWriter& out, const queue::FoundMessage& found) {
  const queue::ReceivedMessage& message = found.seen.message;
  const std::string& source = message.dead_letter_source_arn;
  out.member("state", queue::name_of(found.seen.state))
      .member("queue", found.queue.name)
      .member("message_id", to_string(message.message_id))
      .member("sent_ms", to_epoch_ms(message.sent))
      .member("receive_count", message.receive_count);
  if (message.receive_count > 0) {
    out.member("first_received_ms", to_epoch_ms(message.first_received));
  }
  if (found.seen.state != queue::MessageState::kVisible) {
    out.member("until_ms", to_epoch_ms(found.due));
  }
  if (!source.empty()) out.member("dead_letter_source", queue_name(source));
}

}  // namespace

boost::asio::awaitable<Explanation> explain(queue::Broker& broker, History* history,
                                            ExplainRequest request, Cancellation& cancellation) {
  Explanation explanation;
  explanation.id = request.id;
  LifeQuery query;
  query.ids.push_back(request.id);
  explanation.life.ids = query.ids;
  if (history != nullptr) {
    co_await ask_history(*history, query, explanation);
  }
  queue::FindMessageRequest find = find_request(request, explanation.life);
  explanation.now = co_await broker.find_message(std::move(find), cancellation);
  if (!explanation.now) co_return explanation;
  // A message that no function saw under this id is known by its place, or by its first id.
  const bool tells_more = add_found(query, explanation.life, *explanation.now);
  if (!tells_more) co_return explanation;
  explanation.life.ids = query.ids;
  if (history != nullptr && !cancellation.requested()) {
    co_await ask_history(*history, query, explanation);
  }
  co_return explanation;
}

std::string render_explanation(const Explanation& explanation) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("message_id", to_string(explanation.id));
  out.key("other_ids").begin_array();
  for (const Uuid& id : explanation.life.ids) {
    if (id != explanation.id) out.string(to_string(id));
  }
  out.end_array();
  write_sent(out, explanation);
  out.key("events").begin_array();
  for (const LifeEvent& event : explanation.life.events) std::visit(EventWriter(out), event);
  out.end_array();
  out.key("now").begin_object();
  if (explanation.now) {
    write_found(out, *explanation.now);
  } else {
    out.member("state", ended(explanation.life) ? "deleted" : "unknown");
  }
  out.end_object();
  out.key("history").begin_object().member("kept", explanation.has_history);
  if (explanation.life.known_since) {
    out.member("since_ms", to_epoch_ms(*explanation.life.known_since));
  }
  out.end_object().end_object();
  return text;
}

}  // namespace headrace::runtime
