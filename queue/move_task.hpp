// MoveTask: one redrive that runs by itself, as ListMessageMoveTasks shows it (spec 8.3), and the
// forms it is kept and named in. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "queue/error.hpp"
#include "queue/requests.hpp"

namespace headrace::queue {

struct StartMoveTaskRequest {
  std::string source_arn;
  std::string destination_arn;             // empty: each message goes back to its own source
  std::optional<std::int64_t> per_second;  // MaxNumberOfMessagesPerSecond; absent: no limit
};

enum class MoveTaskStatus { kRunning, kCompleted, kCancelling, kCancelled, kFailed };

// "RUNNING"
std::string_view name_of(MoveTaskStatus status);

struct MoveTask {
  std::string id;  // a UUID
  StartMoveTaskRequest request;
  MoveTaskStatus status = MoveTaskStatus::kRunning;
  std::string failure_reason;  // kFailed only: an error code of SQS
  TimePoint started;
  std::uint64_t to_move = 0;  // when it started
  std::uint64_t moved = 0;

  bool active() const {
    return status == MoveTaskStatus::kRunning || status == MoveTaskStatus::kCancelling;
  }
};

// What the keys of all tasks of one source begin with; they sort by the time of their start.
std::string move_task_prefix(const std::string& source_arn);
std::string move_task_prefix();  // of every source
Document to_document(const MoveTask& task);
// Nothing when the bytes are not ours.
std::optional<MoveTask> move_task_from(const std::string& bytes);

struct MoveTaskName {
  std::string id;
  std::string source_arn;
};

// AWS's TaskHandle: base64 of a JSON object with taskId and sourceArn.
std::string make_task_handle(const MoveTask& task);
Result<MoveTaskName> read_task_handle(const std::string& handle);

}  // namespace headrace::queue
