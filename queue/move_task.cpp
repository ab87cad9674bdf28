#include "queue/move_task.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/codec.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace headrace::queue {

namespace {

constexpr std::array<std::string_view, 5> kStatuses = {"RUNNING", "COMPLETED", "CANCELLING",
                                                       "CANCELLED", "FAILED"};

std::optional<MoveTaskStatus> parse_status(std::string_view text) {
  const auto found = std::find(kStatuses.begin(), kStatuses.end(), text);
  if (found == kStatuses.end()) return std::nullopt;
  return static_cast<MoveTaskStatus>(found - kStatuses.begin());
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  return value ? std::string(value->as_string().value_or("")) : std::string();
}

std::optional<std::int64_t> integer_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  return value ? value->as_integer() : std::nullopt;
}

}  // namespace

std::string_view name_of(MoveTaskStatus status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

std::string move_task_prefix() { return "move-task/"; }

std::string move_task_prefix(const std::string& source_arn) {
  return move_task_prefix() + source_arn + "/";
}

Document to_document(const MoveTask& task) {
  Document document;
  std::array<char, 24> started{};
  std::snprintf(started.data(), started.size(), "%016lld-",
                static_cast<long long>(to_epoch_ms(task.started)));
  document.key = move_task_prefix(task.request.source_arn) + started.data() + task.id;
  JsonWriter out(document.bytes);
  out.begin_object()
      .member("id", task.id)
      .member("source", task.request.source_arn)
      .member("destination", task.request.destination_arn)
      .member("status", name_of(task.status))
      .member("failure", task.failure_reason)
      .member("started", to_epoch_ms(task.started))
      .member("to_move", task.to_move)
      .member("moved", task.moved);
  if (task.request.per_second) out.member("per_second", *task.request.per_second);
  out.end_object();
  return document;
}

std::optional<MoveTask> move_task_from(const std::string& bytes) {
  const auto document = JsonDocument::parse(bytes);
  if (!document) return std::nullopt;
  const JsonValue root = document->root();
  const auto status = parse_status(text_of(root, "status"));
  const auto started = integer_of(root, "started");
  const auto to_move = integer_of(root, "to_move");
  const auto moved = integer_of(root, "moved");
  if (!status || !started || !to_move || !moved) return std::nullopt;
  MoveTask task;
  task.id = text_of(root, "id");
  task.request.source_arn = text_of(root, "source");
  task.request.destination_arn = text_of(root, "destination");
  task.request.per_second = integer_of(root, "per_second");
  task.status = *status;
  task.failure_reason = text_of(root, "failure");
  task.started = from_epoch_ms(*started);
  task.to_move = static_cast<std::uint64_t>(*to_move);
  task.moved = static_cast<std::uint64_t>(*moved);
  return task;
}

std::string make_task_handle(const MoveTask& task) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .member("taskId", task.id)
      .member("sourceArn", task.request.source_arn)
      .end_object();
  return base64_encode(json);
}

Result<MoveTaskName> read_task_handle(const std::string& handle) {
  const Error refusal{ErrorCode::kInvalidParameterValue,
                      "Value for parameter TaskHandle is invalid."};
  const auto json = base64_decode(handle);
  if (!json) return refusal;
  const auto document = JsonDocument::parse(*json);
  if (!document) return refusal;
  MoveTaskName name{text_of(document->root(), "taskId"), text_of(document->root(), "sourceArn")};
  if (name.id.empty() || name.source_arn.empty()) return refusal;
  return name;
}

}  // namespace headrace::queue
