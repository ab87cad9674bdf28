// AWS JSON 1.0: each action's request from JSON, its answer to JSON (spec 1, 2.1, 2.6). Pure; no
// rule of SQS lives here. What is empty is left out of an answer.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "queue/sqs/json_reader.hpp"
#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

void read_json(JsonReader& in, CreateQueueInput& out);
void read_json(JsonReader& in, DeleteQueueInput& out);
void read_json(JsonReader& in, PurgeQueueInput& out);
void read_json(JsonReader& in, GetQueueUrlInput& out);
void read_json(JsonReader& in, ListQueuesInput& out);
void read_json(JsonReader& in, GetQueueAttributesInput& out);
void read_json(JsonReader& in, SetQueueAttributesInput& out);
void read_json(JsonReader& in, TagQueueInput& out);
void read_json(JsonReader& in, UntagQueueInput& out);
void read_json(JsonReader& in, ListQueueTagsInput& out);
void read_json(JsonReader& in, AddPermissionInput& out);
void read_json(JsonReader& in, RemovePermissionInput& out);
void read_json(JsonReader& in, ListDeadLetterSourceQueuesInput& out);
void read_json(JsonReader& in, StartMessageMoveTaskInput& out);
void read_json(JsonReader& in, CancelMessageMoveTaskInput& out);
void read_json(JsonReader& in, ListMessageMoveTasksInput& out);
void read_json(JsonReader& in, SendMessageInput& out);
void read_json(JsonReader& in, SendMessageBatchInput& out);
void read_json(JsonReader& in, ReceiveMessageInput& out);
void read_json(JsonReader& in, DeleteMessageInput& out);
void read_json(JsonReader& in, DeleteMessageBatchInput& out);
void read_json(JsonReader& in, ChangeMessageVisibilityInput& out);
void read_json(JsonReader& in, ChangeMessageVisibilityBatchInput& out);

// Each writes the members of the answer's object.
void write_json(JsonWriter& out, const EmptyOutput& output);
void write_json(JsonWriter& out, const QueueUrlOutput& output);
void write_json(JsonWriter& out, const ListQueuesOutput& output);
void write_json(JsonWriter& out, const AttributesOutput& output);
void write_json(JsonWriter& out, const SourceQueuesOutput& output);
void write_json(JsonWriter& out, const TagsOutput& output);
void write_json(JsonWriter& out, const TaskHandleOutput& output);
void write_json(JsonWriter& out, const MovedOutput& output);
void write_json(JsonWriter& out, const MoveTasksOutput& output);
void write_json(JsonWriter& out, const SendMessageOutput& output);
void write_json(JsonWriter& out, const SendMessageBatchOutput& output);
void write_json(JsonWriter& out, const EntriesOutput& output);
void write_json(JsonWriter& out, const ReceiveMessageOutput& output);

// The document of a request body; an empty body is an empty object.
Result<JsonDocument> parse_json_body(std::string_view body);

// Fails with MalformedInput (SerializationException on the wire) only.
template <class Input>
Result<Input> parse_json(std::string_view body) {
  const auto document = parse_json_body(body);
  if (!document) return document.error();
  std::optional<Error> fault;
  JsonReader reader(document->root(), fault);
  Input input;
  read_json(reader, input);
  if (fault) return *fault;
  return input;
}

template <class Output>
std::string render_json(const Output& output) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  write_json(writer, output);
  writer.end_object();
  return json;
}

}  // namespace headrace::queue::sqs
