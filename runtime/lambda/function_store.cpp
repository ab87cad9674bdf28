#include "runtime/lambda/function_store.hpp"

#include <set>
#include <utility>

#include <unistd.h>

#include "base/codec.hpp"
#include "base/log.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::string_view kRecordPrefix = "lambda-function/";

Error server_is_stopping() { return {ErrorCode::kServiceUnavailable, "The server is stopping."}; }

// The same digest in AWS's form.
std::string hex_to_base64(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return base64_encode(bytes);
}

}  // namespace

// While it lives no other change of that function begins.
class FunctionStore::Change {
 public:
  explicit Change(bool& changing) : changing_(changing) { changing_ = true; }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  ~Change() { changing_ = false; }

 private:
  bool& changing_;
};

// A change that stop() waits for.
class FunctionStore::Running {
 public:
  explicit Running(FunctionStore& store) : store_(store) { ++store_.running_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (--store_.running_ == 0) store_.idle_.notify_all();
  }

 private:
  FunctionStore& store_;
};

FunctionStore::Awaitable<void> FunctionStore::stop() {
  begin_stop();
  while (running_ > 0) co_await idle_.wait();
  co_await tasks_.join();
}

const FunctionRecord* FunctionStore::find(const std::string& name) const {
  const auto found = made_.find(name);
  const bool there = found != made_.end() && found->second.function != nullptr;
  return there ? &found->second.record : nullptr;
}

// A custom runtime that is one shared library and no program is a native function.
functions::FunctionConfig FunctionStore::to_config(const FunctionRecord& record) const {
  functions::FunctionConfig config;
  config.name = record.name;
  config.kind = functions::FunctionKind::kProcess;
  config.process = {record.runtime, services_.code.folder_of(record.code), record.handler};
  if (record.runtime.starts_with("provided")) config.artifact = only_library(config.process.code);
  if (!config.artifact.empty()) config.kind = functions::FunctionKind::kNative;
  config.timeout = std::chrono::seconds(record.timeout_seconds);
  config.memory_bytes = static_cast<std::uint64_t>(record.memory_mb) * functions::kMebibyte;
  config.workers.max = kWorkersOfFunction;
  config.environment = record.environment.value_or(std::map<std::string, std::string>());
  config.arn = FunctionName{home_, record.name, std::string()}.unqualified_arn();
  config.region = home_.region;
  return config;
}

FunctionStore::Awaitable<Result<FunctionStore::FunctionPtr>> FunctionStore::make(
    FunctionRecord record) {
  functions::FunctionConfig config = to_config(record);
  headrace::Result<FunctionPtr> function = co_await make_(std::move(config));
  if (!function) co_return invalid_parameter(function.error().message);
  co_return std::move(*function);
}

FunctionStore::Awaitable<Status> FunctionStore::keep(FunctionRecord record) {
  queue::Document document{std::string(kRecordPrefix) + record.name, to_document(record)};
  const queue::Status kept = co_await services_.broker.put_document(std::move(document));
  Status status;
  if (!kept) status = Error{ErrorCode::kServiceUnavailable, kept.error().message};
  co_return status;
}

void FunctionStore::renew(FunctionRecord& record) {
  record.modified = services_.clock.now();
  record.revision_id = headrace::to_string(services_.random.uuid());
}

void FunctionStore::install(FunctionRecord record, FunctionPtr function) {
  const std::string name = record.name;
  auto versioned = std::make_unique<functions::VersionedFunction>(services_.loop.get_executor(),
                                                                  std::move(function));
  Made& made = made_[name];
  made.record = std::move(record);
  made.function = versioned.get();
  resting_.erase(name);
  services_.functions[name] = std::move(versioned);
  services_.mappings.function_came(name);
}

FunctionStore::Awaitable<void> FunctionStore::restore() {
  std::string prefix(kRecordPrefix);
  const std::vector<queue::Document> documents =
      co_await services_.broker.list_documents(std::move(prefix));
  std::set<std::string> used;
  bool all_read = true;
  for (const queue::Document& document : documents) {
    const std::string name = document.key.substr(kRecordPrefix.size());
    std::optional<FunctionRecord> record = read_function_document(name, document.bytes);
    if (!record) {
      log_error("a function cannot be read function={}", name);
      all_read = false;
      continue;
    }
    used.insert(record->code);
    if (services_.functions.contains(name)) {
      log_warning("a function rests, the configuration has one of its name function={}", name);
      continue;
    }
    Result<FunctionPtr> function = co_await make(*record);
    if (function) {
      install(std::move(*record), std::move(*function));
    } else {
      log_error("a function cannot run function={} reason={}", name, function.error().message);
      resting_.insert(name);
    }
  }
  if (all_read) {
    co_await services_.code.keep_only(std::move(used));
  }
}

FunctionStore::Awaitable<Result<FunctionRecord>> FunctionStore::create(NewFunction made) {
  if (stopping_) co_return server_is_stopping();
  const std::string name = made.record.name;
  if (services_.functions.contains(name) || made_.contains(name)) {
    co_return Error{ErrorCode::kResourceConflict, "Function already exist: " + name};
  }
  if (made_.size() >= kFunctionsMax) {
    co_return invalid_parameter("This server has as many functions as it may have.");
  }
  const Running running(*this);
  made_[name].changing = true;
  FunctionRecord record = std::move(made.record);
  Result<Code> code = co_await services_.code.install(std::move(made.zip));
  Result<FunctionPtr> function = Error{ErrorCode::kServiceUnavailable, "not made"};
  Status done;
  if (code) {
    record.code = code->sha256;
    record.code_sha256 = hex_to_base64(code->sha256);
    record.code_bytes = code->bytes;
    renew(record);
    function = co_await make(record);
    if (!function) done = function.error();
  } else {
    done = code.error();
  }
  if (done) {
    done = co_await keep(record);
  }
  if (!done) {
    if (function) {
      co_await (*function)->stop();
    }
    made_.erase(name);
    co_return done.error();
  }
  install(record, std::move(*function));
  made_.at(name).changing = false;
  co_return record;
}

Result<FunctionStore::Made*> FunctionStore::find_to_change(const std::string& name) {
  const auto found = made_.find(name);
  if (found == made_.end()) {
    return invalid_parameter(
        "This function stands in the configuration of the server; change it there.");
  }
  if (stopping_) return server_is_stopping();
  if (found->second.changing) {
    const FunctionName busy{home_, name, std::string()};
    return Error{ErrorCode::kResourceConflict,
                 "The operation cannot be performed at this time. An update is in progress for "
                 "resource: " +
                     busy.unqualified_arn()};
  }
  return &found->second;
}

FunctionStore::Awaitable<Result<FunctionRecord>> FunctionStore::update_code(std::string name,
                                                                            NewCode wanted) {
  const Result<Made*> made = find_to_change(name);
  if (!made) co_return made.error();
  FunctionRecord record = (*made)->record;
  if (!wanted.revision_id.empty() && wanted.revision_id != record.revision_id) {
    co_return other_revision();
  }
  const Running running(*this);
  const Change change((*made)->changing);
  const Result<Code> code = co_await services_.code.install(std::move(wanted.zip));
  if (!code) co_return code.error();
  record.code = code->sha256;
  record.code_sha256 = hex_to_base64(code->sha256);
  record.code_bytes = code->bytes;
  Result<FunctionRecord> replaced = co_await replace(std::move(record));
  co_return replaced;
}

FunctionStore::Awaitable<Result<FunctionRecord>> FunctionStore::update_configuration(
    FunctionRecord record) {
  const Result<Made*> made = find_to_change(record.name);
  if (!made) co_return made.error();
  if ((*made)->record.revision_id != record.revision_id) co_return other_revision();
  const Running running(*this);
  const Change change((*made)->changing);
  Result<FunctionRecord> replaced = co_await replace(std::move(record));
  co_return replaced;
}

// The change has begun.
FunctionStore::Awaitable<Result<FunctionRecord>> FunctionStore::replace(FunctionRecord record) {
  renew(record);
  Result<FunctionPtr> function = co_await make(record);
  if (!function) co_return function.error();
  const Status kept = co_await keep(record);
  if (!kept) {
    co_await (*function)->stop();
    co_return kept.error();
  }
  Made& made = made_.at(record.name);
  made.record = record;
  made.function->replace(std::move(*function));
  co_return record;
}

FunctionStore::Awaitable<Status> FunctionStore::remove(std::string name) {
  const Result<Made*> made = find_to_change(name);
  if (!made) co_return made.error();
  const Running running(*this);
  (*made)->changing = true;
  queue::Document document{std::string(kRecordPrefix) + name, std::string()};
  const queue::Status kept = co_await services_.broker.put_document(std::move(document));
  if (!kept) {
    made_.at(name).changing = false;
    co_return Error{ErrorCode::kServiceUnavailable, kept.error().message};
  }
  const auto found = services_.functions.find(name);
  FunctionPtr function = std::move(found->second);
  services_.functions.erase(found);
  made_.erase(name);
  tasks_.spawn("removed function " + name, retire(std::move(function)));
  co_return Status();
}

// Its own timeout bounds it.
FunctionStore::Awaitable<void> FunctionStore::retire(FunctionPtr function) {
  co_await services_.mappings.function_goes(*function);
  co_await function->stop();
}

}  // namespace headrace::runtime::lambda
