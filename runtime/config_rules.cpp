#include "runtime/config_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <tuple>
#include <utility>

#include "queue/limits.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::seconds;

// AWS asks for a window above this size.
constexpr std::int64_t kBatchSizeWithoutWindowMax = 10;
constexpr std::int64_t kFifoBatchSizeMax = 10;
// AWS's advice: visibility timeout at least this many times the function timeout.
constexpr int kVisibilityFactor = 6;

template <class T>
const T* find_named(const std::vector<T>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&name](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// "30 seconds" as AWS writes it; a fraction only when there is one.
std::string in_seconds(Duration duration) {
  std::string text = std::to_string(duration / seconds(1));
  const auto rest = (duration % seconds(1)).count();
  if (rest != 0) text += "." + std::to_string(1000 + rest).substr(1);
  return text + " seconds";
}

class RuleChecker {
 public:
  RuleChecker(const ConfigNode& root, const Config& config, ConfigReading& reading)
      : root_(root), config_(config), reading_(reading) {}

  void check() {
    for (const QueueConfig& queue : config_.queues) check_dead_letter(queue);
    for (const FunctionConfig& function : config_.functions) check_forward(function);
    for (std::size_t i = 0; i < config_.mappings.size(); ++i) check_mapping(i);
  }

 private:
  // A problem at the innermost of these members that the file has.
  ConfigProblem at(std::initializer_list<std::string> members, std::string text) const {
    ConfigProblem problem{root_.line, root_.column, "", std::move(text)};
    const ConfigNode* node = &root_;
    for (const std::string& member : members) {
      problem.path += problem.path.empty() ? member : "." + member;
      if (node != nullptr) node = node->find(member);
      if (node != nullptr)
        std::tie(problem.line, problem.column) = std::tie(node->line, node->column);
    }
    return problem;
  }

  ConfigProblem at_mapping(std::size_t index, const std::string& member, std::string text) const {
    const ConfigNode& mapping = root_.find("mappings")->children[index];
    const ConfigNode* value = mapping.find(member);
    const ConfigNode& place = value != nullptr ? *value : mapping;
    const std::string path = "mappings[" + std::to_string(index) + "]." + member;
    return {place.line, place.column, path, std::move(text)};
  }

  bool has_error_in(const std::string& section) const {
    return std::any_of(reading_.errors.begin(), reading_.errors.end(),
                       [&section](const ConfigProblem& problem) {
                         return (problem.path + ".").starts_with(section + ".");
                       });
  }

  void check_dead_letter(const QueueConfig& queue) {
    if (!queue.dead_letter) return;
    const std::string& target = queue.dead_letter->queue;
    if (target == queue.name) {
      reading_.errors.push_back(at({"queues", queue.name, "dead_letter", "queue"},
                                   "expected another queue than this one"));
    } else if (find_named(config_.queues, target) == nullptr) {
      reading_.errors.push_back(at({"queues", queue.name, "dead_letter", "queue"},
                                   "expected a queue of this file, got \"" + target + "\""));
    }
  }

  void check_forward(const FunctionConfig& function) {
    const std::string& target = function.builtin.queue;
    if (target.empty() || find_named(config_.queues, target) != nullptr) return;
    reading_.errors.push_back(at({"functions", function.name, "queue"},
                                 "expected a queue of this file, got \"" + target + "\""));
  }

  void check_mapping(std::size_t index) {
    const MappingConfig& mapping = config_.mappings[index];
    const QueueConfig* queue = find_named(config_.queues, mapping.queue);
    const FunctionConfig* function = find_named(config_.functions, mapping.function);
    if (queue != nullptr && queue->is_fifo()) {
      check_fifo_batching(index);
    } else {
      check_batching(index);
    }
    if (queue == nullptr && !mapping.queue.empty()) {
      reading_.errors.push_back(at_mapping(
          index, "queue", "expected a queue of this file, got \"" + mapping.queue + "\""));
    }
    if (function == nullptr && !mapping.function.empty()) {
      reading_.errors.push_back(at_mapping(
          index, "function", "expected a function of this file, got \"" + mapping.function + "\""));
    }
    if (queue == nullptr || function == nullptr) return;
    if (function->builtin.queue == queue->name) {
      reading_.errors.push_back(
          at_mapping(index, "function", "would forward the messages of this queue to itself"));
    }
    if (!seen_.emplace(mapping.queue, mapping.function).second) {
      reading_.errors.push_back(
          at_mapping(index, "function", "this queue is mapped to this function already"));
    }
    check_visibility(index, *queue, *function);
  }

  void check_batching(std::size_t index) {
    const MappingConfig& mapping = config_.mappings[index];
    if (mapping.batch_size <= kBatchSizeWithoutWindowMax) return;
    if (mapping.batching_window > Duration(0)) return;
    reading_.errors.push_back(at_mapping(index, "batch_size",
                                         "Maximum batch window in seconds must be greater than 0 "
                                         "if maximum batch size is greater than 10"));
  }

  void check_fifo_batching(std::size_t index) {
    const MappingConfig& mapping = config_.mappings[index];
    if (mapping.batch_size > kFifoBatchSizeMax) {
      reading_.errors.push_back(at_mapping(
          index, "batch_size",
          "expected at most 10 for a FIFO queue, got " + std::to_string(mapping.batch_size)));
    }
    if (mapping.batching_window > Duration(0)) {
      reading_.errors.push_back(
          at_mapping(index, "batching_window", "Batching window is not supported for FIFO queues"));
    }
  }

  void check_visibility(std::size_t index, const QueueConfig& queue,
                        const FunctionConfig& function) {
    // A wrong value has left a default in its place, which says nothing.
    if (has_error_in("queues." + queue.name) || has_error_in("functions." + function.name)) return;
    queue::QueueAttributes attributes;
    attributes.fifo_queue = queue.is_fifo();
    const auto status = attributes.set(queue.attributes);
    if (!status) return;  // reported where it stands
    const Duration visibility = seconds(attributes.visibility_timeout);
    if (visibility < function.timeout) {
      reading_.errors.push_back(
          at_mapping(index, "queue",
                     "Queue visibility timeout: " + in_seconds(visibility) +
                         " is less than Function timeout: " + in_seconds(function.timeout)));
    } else if (visibility < function.timeout * kVisibilityFactor) {
      reading_.warnings.push_back(
          at({"queues", queue.name, "visibility_timeout"},
             "is " + in_seconds(visibility) + ", below 6 times the timeout of " + function.name +
                 " (" + in_seconds(function.timeout) +
                 "): a slow batch may be delivered again while it is handled"));
    }
  }

  const ConfigNode& root_;
  const Config& config_;
  ConfigReading& reading_;
  std::set<std::pair<std::string, std::string>> seen_;  // queue, function
};

}  // namespace

void check_config_rules(const ConfigNode& root, const Config& config, ConfigReading& reading) {
  RuleChecker(root, config, reading).check();
}

}  // namespace headrace::runtime
