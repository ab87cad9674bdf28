#include "queue/move_tasks.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/limits.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kKeptTasks = 10;  // of one source, the finished ones among them
constexpr Duration kRetryAfter = std::chrono::seconds(1);  // on a full disk
constexpr std::int64_t kStepsPerSecond = 10;               // of a task with a rate

Error no_such_resource(const char* parameter) {
  return Error{ErrorCode::kResourceNotFound,
               std::string("The resource that you specified for the ") + parameter +
                   " parameter doesn't exist."};
}

Error invalid(const char* message) { return Error{ErrorCode::kInvalidParameterValue, message}; }

DocumentRecord removal_of(const MoveTask& task) {
  return DocumentRecord{to_document(task).key, std::string()};
}

std::size_t chunk_of(const MoveTask& task) {
  std::uint64_t chunk = MoveRequest::kMoveChunk;
  if (task.request.per_second) {
    const std::int64_t step = std::max<std::int64_t>(1, *task.request.per_second / kStepsPerSecond);
    chunk = std::min(chunk, static_cast<std::uint64_t>(step));
  }
  return std::min(chunk, task.to_move - task.moved);
}

// Between two chunks.
Duration pause_of(const MoveTask& task, std::uint64_t moved) {
  if (!task.request.per_second) return Duration();
  return Duration(1000 * static_cast<std::int64_t>(moved) / *task.request.per_second);
}

}  // namespace

MoveTasks::MoveTasks(asio::any_io_executor executor, Clock& clock, Engine& engine, Journal& journal,
                     Random& ids, Commit commit)
    : clock_(clock),
      engine_(engine),
      journal_(journal),
      ids_(ids),
      commit_(std::move(commit)),
      tasks_(std::move(executor)) {}

void MoveTasks::resume() {
  const std::string prefix = move_task_prefix();
  for (auto it = engine_.documents().lower_bound(prefix);
       it != engine_.documents().end() && it->first.starts_with(prefix); ++it) {
    auto task = move_task_from(it->second);
    if (task && task->active()) run(std::move(*task));
  }
}

Queue* MoveTasks::find_queue(const std::string& arn) const {
  QueueAddress address;
  return parse_arn(arn, address) ? engine_.find(address) : nullptr;
}

std::vector<MoveTask> MoveTasks::tasks_of(const std::string& source_arn) const {
  std::vector<MoveTask> found;
  const std::string prefix = move_task_prefix(source_arn);
  for (auto it = engine_.documents().lower_bound(prefix);
       it != engine_.documents().end() && it->first.starts_with(prefix); ++it) {
    if (auto task = move_task_from(it->second)) found.push_back(std::move(*task));
  }
  return found;
}

// The texts are those AWS gives (spec 3.3, 3.4).
Status MoveTasks::check_start(const StartMoveTaskRequest& request) const {
  const Queue* source = find_queue(request.source_arn);
  if (source == nullptr) return no_such_resource("SourceArn");
  if (!engine_.is_dead_letter_queue(source->address())) {
    return invalid("Source queue must be configured as a Dead Letter Queue.");
  }
  if (!request.destination_arn.empty()) {
    const Queue* destination = find_queue(request.destination_arn);
    if (destination == nullptr) return no_such_resource("DestinationArn");
    if (destination == source) {
      return invalid("Source queue arn and destination queue arn cannot be the same.");
    }
    if (destination->is_fifo() != source->is_fifo()) {
      return invalid("The source queue and destination queue must be of the same queue type.");
    }
  }
  const auto is_of_source = [&request](const auto& task) {
    return task.second.request.source_arn == request.source_arn;
  };
  if (std::any_of(running_.begin(), running_.end(), is_of_source)) {
    return invalid(
        "There is already a task running. Only one active task is allowed for a source queue arn "
        "at a given time.");
  }
  if (running_.size() >= kMoveTasksMax) {
    return Error{ErrorCode::kOverLimit, "This server runs as many move tasks as it may."};
  }
  return {};
}

MoveTasks::Awaitable<Result<std::string>> MoveTasks::start(StartMoveTaskRequest request) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  if (const Status valid = check_start(request); !valid) {
    Error error = valid.error();
    co_await journal_.wait_durable(engine_.control_lsn());
    co_return error;
  }
  MoveTask task;
  task.id = to_string(ids_.uuid());
  task.started = clock_.now();
  task.to_move = find_queue(request.source_arn)->messages().count(MessageState::kVisible);
  task.request = std::move(request);
  const std::string handle = make_task_handle(task);
  drop_oldest(task.request.source_arn);
  const Lsn lsn = keep(task);
  run(std::move(task));
  co_await journal_.wait_durable(lsn);
  co_return handle;
}

Lsn MoveTasks::keep(const MoveTask& task) {
  Document document = to_document(task);
  return commit_(DocumentRecord{std::move(document.key), std::move(document.bytes)});
}

void MoveTasks::drop_oldest(const std::string& source_arn) {
  const std::vector<MoveTask> kept = tasks_of(source_arn);
  for (std::size_t i = 0; i + kKeptTasks <= kept.size(); ++i) commit_(removal_of(kept[i]));
}

Result<MoveTask*> MoveTasks::find_running(const std::string& handle) {
  const auto name = read_task_handle(handle);
  if (!name) return name.error();
  if (find_queue(name->source_arn) == nullptr) return no_such_resource("SourceArn");
  const auto running = running_.find(name->id);
  // Who names the task must name its source as well.
  const bool same =
      running != running_.end() && running->second.request.source_arn == name->source_arn;
  if (same && running->second.status == MoveTaskStatus::kRunning) {
    return &running->second;
  }
  const auto all = tasks_of(name->source_arn);
  const bool known = std::any_of(all.begin(), all.end(),
                                 [&name](const auto& task) { return task.id == name->id; });
  if (known) return invalid("Only active tasks can be cancelled.");
  return Error{ErrorCode::kResourceNotFound, "Task does not exist."};
}

MoveTasks::Awaitable<Result<std::uint64_t>> MoveTasks::cancel(std::string handle) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  const auto task = find_running(handle);
  if (!task) {
    co_await journal_.wait_durable(engine_.control_lsn());
    co_return task.error();
  }
  (*task)->status = MoveTaskStatus::kCancelling;
  const std::uint64_t moved = (*task)->moved;
  const Lsn lsn = keep(**task);
  interrupted_.notify_all();
  co_await journal_.wait_durable(lsn);
  co_return moved;
}

MoveTasks::Awaitable<Result<std::vector<MoveTask>>> MoveTasks::list(std::string source_arn,
                                                                    std::size_t limit) {
  Result<std::vector<MoveTask>> answer = no_such_resource("SourceArn");
  if (find_queue(source_arn) != nullptr) {
    std::vector<MoveTask> tasks = tasks_of(source_arn);
    std::reverse(tasks.begin(), tasks.end());
    if (tasks.size() > limit) tasks.resize(limit);
    answer = std::move(tasks);
  }
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return answer;
}

void MoveTasks::forget(const std::string& source_arn) {
  for (const MoveTask& task : tasks_of(source_arn)) {
    commit_(removal_of(task));
    running_.erase(task.id);
  }
  interrupted_.notify_all();
}

void MoveTasks::run(MoveTask task) {
  const std::string id = task.id;
  running_.emplace(id, std::move(task));
  tasks_.spawn("move task", work(id));
}

MoveTasks::Awaitable<void> MoveTasks::work(std::string id) {
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const Status room = co_await journal_.room(RoomFor::kOther);
    const auto found = running_.find(id);
    if (found == running_.end()) co_return;  // forgotten
    Duration pause = kRetryAfter;
    if (room) {
      const std::uint64_t before = found->second.moved;
      const Lsn lsn = move_some(found->second);
      pause = pause_of(found->second, found->second.moved - before);
      if (!found->second.active()) {
        running_.erase(found);
        co_return;
      }
      co_await journal_.wait_durable(lsn);
    }
    if (pause > Duration()) {
      const TimePoint until = clock_.now() + pause;
      co_await interrupted_.wait_until(clock_, until);
    } else {
      co_await asio::post(executor, asio::use_awaitable);
    }
  }
}

// One chunk, or the task's end.
Lsn MoveTasks::move_some(MoveTask& task) {
  Queue* source = find_queue(task.request.source_arn);
  Queue* destination = find_queue(task.request.destination_arn);
  const bool lost_destination = !task.request.destination_arn.empty() && destination == nullptr;
  std::uint64_t without_source = 0;
  bool moved_any = false;
  if (task.status == MoveTaskStatus::kRunning && !lost_destination) {
    const auto record = engine_.decide_move(*source, destination, chunk_of(task), clock_.now(),
                                            ids_, without_source);
    if (record) {
      commit_(*record);
      task.moved += record->moves.size();
      moved_any = true;
    }
  }
  if (task.status == MoveTaskStatus::kCancelling) {
    task.status = MoveTaskStatus::kCancelled;
  } else if (lost_destination || (!moved_any && without_source > 0)) {
    task.status = MoveTaskStatus::kFailed;
    task.failure_reason = "AWS.SimpleQueueService.NonExistentQueue";
  } else if (!moved_any || task.moved >= task.to_move) {
    task.status = MoveTaskStatus::kCompleted;
  }
  return keep(task);
}

}  // namespace headrace::queue
