#include "runtime/admin_pages.hpp"

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "base/metrics.hpp"
#include "runtime/version.hpp"

namespace headrace::runtime {

namespace {

std::int64_t oldest_age_ms(const queue::QueueDescription& queue, TimePoint now) {
  return queue.oldest_sent ? std::max(now - *queue.oldest_sent, Duration(0)).count() : 0;
}

void write_queue(JsonWriter& out, const queue::QueueDescription& queue, TimePoint now) {
  out.begin_object()
      .member("name", queue.address.name)
      .member("visible", queue.visible)
      .member("in_flight", queue.in_flight)
      .member("delayed", queue.delayed)
      .member("oldest_age_ms", oldest_age_ms(queue, now))
      .member("sent", queue.sent_total)
      .member("received", queue.received_total)
      .member("deleted", queue.deleted_total);
  const auto& policy = queue.attributes.redrive_policy;
  queue::QueueAddress target;
  if (policy && queue::parse_arn(policy->dead_letter_target_arn, target)) {
    out.member("dead_letter_queue", target.name)
        .member("max_receive_count", policy->max_receive_count);
  }
  out.end_object();
}

void write_mapping(JsonWriter& out, const MappingStatus& mapping) {
  out.begin_object()
      .member("queue", mapping.queue)
      .member("function", mapping.function)
      .member("state", mapping.state)
      .member("batch_size", mapping.batch_size)
      .member("concurrency", mapping.concurrency)
      .member("limit", mapping.limit)
      .member("invocations", mapping.invocations)
      .member("errors", mapping.errors)
      .member("throttles", mapping.throttles)
      .member("records_ok", mapping.records_ok)
      .member("records_failed", mapping.records_failed)
      .member("last_result", mapping.last_result)
      .end_object();
}

void write_attributes(JsonWriter& out, const std::vector<queue::MessageAttribute>& attributes) {
  out.key("attributes").begin_object();
  for (const queue::MessageAttribute& attribute : attributes) {
    const bool binary = attribute.kind == queue::ValueKind::kBinary;
    out.key(attribute.name)
        .begin_object()
        .member("type", attribute.data_type)
        .member("value", binary ? base64_encode(attribute.value) : attribute.value)
        .end_object();
  }
  out.end_object();
}

void write_peeked(JsonWriter& out, const queue::PeekedMessage& peeked,
                  const LastErrors& last_errors) {
  const queue::ReceivedMessage& message = peeked.message;
  const std::string& body = message.content.body;
  out.begin_object()
      .member("message_id", headrace::to_string(message.message_id))
      .member("state", queue::name_of(peeked.state))
      .member("sent_ms", to_epoch_ms(message.sent))
      .member("receive_count", message.receive_count)
      .member("body", bounded_utf8(body, kPeekedBodyBytesMax))
      .member("body_bytes", body.size());
  if (!message.content.group_id.empty()) out.member("group_id", message.content.group_id);
  if (!message.dead_letter_source_arn.empty()) {
    out.member("dead_letter_source", message.dead_letter_source_arn);
  }
  write_attributes(out, message.content.attributes);
  const std::string error = last_errors.find(message.message_id);
  if (!error.empty()) out.member("last_error", error);
  out.end_object();
}

}  // namespace

std::string render_status(const QueueDescriptions& queues,
                          const std::vector<MappingStatus>& mappings, TimePoint now) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("version", kVersion);
  out.key("queues").begin_array();
  for (const queue::QueueDescription& queue : queues) write_queue(out, queue, now);
  out.end_array();
  out.key("mappings").begin_array();
  for (const MappingStatus& mapping : mappings) write_mapping(out, mapping);
  out.end_array().end_object();
  return text;
}

std::string render_queue_metrics(const QueueDescriptions& queues, TimePoint now) {
  MetricsRegistry registry;
  const auto gauge = [&registry](const char* name, const char* help, const MetricLabels& labels,
                                 std::int64_t value) {
    registry.gauge(name, help, labels).set(value);
  };
  for (const queue::QueueDescription& queue : queues) {
    const MetricLabels labels = {{"queue", queue.address.name}};
    gauge("headrace_queue_visible_messages", "Messages that can be received", labels,
          static_cast<std::int64_t>(queue.visible));
    gauge("headrace_queue_in_flight_messages", "Messages received and not yet deleted", labels,
          static_cast<std::int64_t>(queue.in_flight));
    gauge("headrace_queue_delayed_messages", "Messages whose delay has not ended", labels,
          static_cast<std::int64_t>(queue.delayed));
    gauge("headrace_queue_oldest_message_age_seconds", "Age of the oldest message, 0 when empty",
          labels, oldest_age_ms(queue, now) / 1000);
    registry.counter("headrace_queue_sent_messages_total", "Messages sent", labels)
        .add(queue.sent_total);
    registry.counter("headrace_queue_received_messages_total", "Messages received", labels)
        .add(queue.received_total);
    registry.counter("headrace_queue_deleted_messages_total", "Messages deleted", labels)
        .add(queue.deleted_total);
  }
  return registry.render();
}

std::string render_peeked(const std::vector<queue::PeekedMessage>& messages,
                          const LastErrors& last_errors) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("messages").begin_array();
  for (const queue::PeekedMessage& message : messages) write_peeked(out, message, last_errors);
  out.end_array().end_object();
  return text;
}

std::string render_logs(const std::vector<FunctionLogLine>& lines, std::uint64_t last) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("lines").begin_array();
  for (const FunctionLogLine& line : lines) {
    out.begin_object()
        .member("sequence", line.sequence)
        .member("time_ms", to_epoch_ms(line.time))
        .member("function", line.function)
        .member("text", line.text)
        .end_object();
  }
  out.end_array().member("last", last).end_object();
  return text;
}

}  // namespace headrace::runtime
