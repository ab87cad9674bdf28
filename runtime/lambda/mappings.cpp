#include "runtime/lambda/mappings.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "runtime/lambda/function_record.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::string_view kDocumentPrefix = "lambda-mapping/";

Error no_such_mapping() {
  return {ErrorCode::kResourceNotFound, "The resource you requested does not exist."};
}

Error in_use() {
  return {ErrorCode::kResourceInUse,
          "Cannot update the event source mapping because it is in use."};
}

// What an update is called while it is carried out.
const char* state_of_change(const MappingRecord& before, const MappingRecord& after) {
  if (before.enabled == after.enabled) return "Updating";
  return after.enabled ? "Enabling" : "Disabling";
}

}  // namespace

void Mappings::add_configured(MappingRecord record) {
  record.origin = Origin::kConfiguration;
  record.uuid = stable_uuid("mapping\n" + to_arn(record.queue) + "\n" + record.function.name);
  record.modified = around_.clock.now();
  const std::string uuid = record.uuid;
  auto mapping = std::make_unique<Mapping>();
  mapping->state = rest_state(record);
  mapping->record = std::move(record);
  start_runner(*mapping);
  mappings_[uuid] = std::move(mapping);
}

Mappings::Awaitable<void> Mappings::restore() {
  std::string prefix(kDocumentPrefix);
  const std::vector<queue::Document> documents =
      co_await around_.broker.list_documents(std::move(prefix));
  for (const queue::Document& document : documents) {
    const std::string uuid = document.key.substr(kDocumentPrefix.size());
    std::optional<MappingRecord> record = from_document(uuid, document.bytes);
    if (!record) {
      log_error("an event source mapping cannot be read uuid={}", uuid);
      continue;
    }
    const Status unique = check_duplicate(*record);
    if (!unique) {
      log_warning("an event source mapping rests, the configuration has the same uuid={}", uuid);
      continue;
    }
    auto mapping = std::make_unique<Mapping>();
    mapping->state = rest_state(*record);
    mapping->record = std::move(*record);
    start_runner(*mapping);
    mappings_[uuid] = std::move(mapping);
  }
}

void Mappings::start_runner(Mapping& mapping) {
  const auto function = functions_.find(mapping.record.function.name);
  if (stopping_ || !mapping.record.enabled || function == functions_.end()) return;
  mapping.runner =
      std::make_unique<MappingRunner>(around_, to_runnable(mapping.record), *function->second);
  mapping.runs_on = function->second.get();
  mapping.runner->start();
}

// Its function's timeout bounds it. Nobody else stops the runner meanwhile: it is taken out.
Mappings::Awaitable<void> Mappings::stop_runner(Mapping& mapping) {
  if (!mapping.runner) co_return;
  co_await mapping.runner->stop();
  mapping.runner.reset();
}

Status Mappings::check_duplicate(const MappingRecord& record) const {
  for (const auto& [uuid, other] : mappings_) {
    if (uuid == record.uuid || other->record.queue != record.queue) continue;
    if (other->record.function.arn() != record.function.arn()) continue;
    return Error{ErrorCode::kResourceConflict,
                 "An event source mapping with SQS arn (\" " + to_arn(record.queue) +
                     " \") and function (\" " + record.function.name +
                     " \") already exists. Please update or delete the existing mapping with "
                     "UUID " +
                     uuid};
  }
  return {};
}

Mappings::Awaitable<Status> Mappings::keep(std::string uuid, std::string bytes) {
  queue::Document document{std::string(kDocumentPrefix) + uuid, std::move(bytes)};
  const queue::Status kept = co_await around_.broker.put_document(std::move(document));
  Status status;
  if (!kept) status = Error{ErrorCode::kServiceUnavailable, kept.error().message};
  co_return status;
}

Mappings::Awaitable<Result<ShownMapping>> Mappings::create(MappingRecord record) {
  record.uuid = headrace::to_string(around_.random.uuid());
  record.modified = around_.clock.now();
  const Status unique = check_duplicate(record);
  if (!unique) co_return unique.error();
  if (mappings_.size() >= kMappingsMax) {
    co_return invalid_parameter("This server has as many event source mappings as it may have.");
  }
  const std::string uuid = record.uuid;
  auto made = std::make_unique<Mapping>();
  Mapping& mapping = *made;
  mapping.state = record.enabled ? "Creating" : "Disabled";
  mapping.changing = true;
  mapping.record = std::move(record);
  mappings_[uuid] = std::move(made);
  const ShownMapping shown{mapping.record, mapping.state};
  std::string document = to_document(mapping.record);
  const Status kept = co_await keep(uuid, std::move(document));
  if (!kept) {
    mappings_.erase(uuid);
    settled_.notify_all();
    co_return kept.error();
  }
  tasks_.spawn("mapping " + uuid, settle(uuid));
  co_return shown;
}

Mappings::Awaitable<Result<ShownMapping>> Mappings::update(MappingRecord record) {
  const Result<Mapping*> found = find_to_change(record.uuid);
  if (!found) co_return found.error();
  Mapping& mapping = **found;
  if (mapping.record.modified != record.modified) co_return in_use();
  const Status unique = check_duplicate(record);
  if (!unique) co_return unique.error();
  record.modified = around_.clock.now();
  MappingRecord before = std::exchange(mapping.record, std::move(record));
  mapping.state = state_of_change(before, mapping.record);
  mapping.changing = true;
  const ShownMapping shown{mapping.record, mapping.state};
  std::string document = to_document(mapping.record);
  const Status kept = co_await keep(shown.record.uuid, std::move(document));
  if (!kept) {
    mapping.state = rest_state(before);
    mapping.record = std::move(before);
    mapping.changing = false;
    settled_.notify_all();
    co_return kept.error();
  }
  tasks_.spawn("mapping " + shown.record.uuid, settle(shown.record.uuid));
  co_return shown;
}

Mappings::Awaitable<Result<ShownMapping>> Mappings::remove(std::string uuid) {
  const Result<Mapping*> found = find_to_change(uuid);
  if (!found) co_return found.error();
  Mapping& mapping = **found;
  mapping.state = "Deleting";
  mapping.changing = true;
  const ShownMapping shown{mapping.record, mapping.state};
  const Status kept = co_await keep(uuid, std::string());
  if (!kept) {
    mapping.state = rest_state(mapping.record);
    mapping.changing = false;
    settled_.notify_all();
    co_return kept.error();
  }
  tasks_.spawn("mapping " + uuid, settle(uuid));
  co_return shown;
}

// Ends a state between: what ran by the old settings ends first.
Mappings::Awaitable<void> Mappings::settle(std::string uuid) {
  Mapping& mapping = *mappings_.at(uuid);
  co_await stop_runner(mapping);
  if (mapping.state == "Deleting") {
    mappings_.erase(uuid);
  } else {
    start_runner(mapping);
    mapping.state = rest_state(mapping.record);
    mapping.changing = false;
  }
  settled_.notify_all();
}

Result<Mappings::Mapping*> Mappings::find_to_change(const std::string& uuid) {
  const auto found = mappings_.find(uuid);
  if (found == mappings_.end()) return no_such_mapping();
  Mapping& mapping = *found->second;
  if (mapping.record.origin == Origin::kConfiguration) {
    return invalid_parameter(
        "This event source mapping stands in the configuration of the server; change it there.");
  }
  if (stopping_) return Error{ErrorCode::kServiceUnavailable, "The server is stopping."};
  if (mapping.changing) return in_use();
  return &mapping;
}

Result<ShownMapping> Mappings::find(const std::string& uuid) const {
  const auto found = mappings_.find(uuid);
  if (found == mappings_.end()) return no_such_mapping();
  return ShownMapping{found->second->record, found->second->state};
}

std::vector<ShownMapping> Mappings::list() const {
  std::vector<ShownMapping> all;
  for (const auto& [uuid, mapping] : mappings_) all.push_back({mapping->record, mapping->state});
  return all;
}

std::vector<MappingStatus> Mappings::status() const {
  std::vector<MappingStatus> all;
  for (const auto& [uuid, mapping] : mappings_) {
    if (mapping->runner) all.push_back(mapping->runner->status());
  }
  std::sort(all.begin(), all.end(), [](const MappingStatus& a, const MappingStatus& b) {
    return std::tie(a.queue, a.function) < std::tie(b.queue, b.function);
  });
  return all;
}

void Mappings::function_came(const std::string& name) {
  for (const auto& [uuid, mapping] : mappings_) {
    const bool waits = !mapping->runner && !mapping->changing;
    if (waits && mapping->record.function.name == name) start_runner(*mapping);
  }
}

// It is in the table no more, so that those that change now start no new runner for it. One whose
// change fails goes on as before, with the runner it had.
Mappings::Awaitable<void> Mappings::function_goes(const functions::Function& function) {
  for (;;) {
    auto runners = take_runners_of(function);
    if (!runners.empty()) {
      co_await stop_all(runners);
    } else if (changes()) {
      co_await settled_.wait();
    } else {
      break;
    }
  }
  function_came(function.config().name);  // there may be another one of its name by now
}

std::vector<std::unique_ptr<MappingRunner>> Mappings::take_runners_of(
    const functions::Function& function) {
  std::vector<std::unique_ptr<MappingRunner>> runners;
  for (const auto& [uuid, mapping] : mappings_) {
    const bool takes = mapping->runner && !mapping->changing && mapping->runs_on == &function;
    if (takes) runners.push_back(std::move(mapping->runner));
  }
  return runners;
}

bool Mappings::changes() const {
  return std::any_of(mappings_.begin(), mappings_.end(),
                     [](const auto& mapping) { return mapping.second->changing; });
}

void Mappings::begin_stop() {
  stopping_ = true;
  for (const auto& [uuid, mapping] : mappings_) {
    if (mapping->runner) mapping->runner->begin_stop();
  }
}

Mappings::Awaitable<void> Mappings::stop() {
  begin_stop();
  co_await tasks_.join();
  std::vector<std::unique_ptr<MappingRunner>> runners;
  for (const auto& [uuid, mapping] : mappings_) {
    if (mapping->runner) runners.push_back(std::move(mapping->runner));
  }
  co_await stop_all(runners);
}

}  // namespace headrace::runtime::lambda
