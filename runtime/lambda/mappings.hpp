// Mappings: all event source mappings of the server, and their runners.
//
// Those of the configuration are made at the start and stay as they are. Those of the Lambda API
// are documents in the journal: a change is durable when its call returns, and at work as soon as
// the batches of before have ended; until then the mapping is in a state between (spec 6.4). A
// mapping whose function is gone rests until there is one of that name again.
//
// Owned by the application; stop() is awaited before its end. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "runtime/function_pages.hpp"
#include "runtime/lambda/error.hpp"
#include "runtime/lambda/mapping_record.hpp"
#include "runtime/mapping_runner.hpp"
#include "runtime/status.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kMappingsMax = 1000;

// A mapping as it is at this moment.
struct ShownMapping {
  MappingRecord record;
  std::string state;
};

class Mappings {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  // All of it outlives the mappings.
  Mappings(const MappingSurroundings& around, const FunctionTable& functions)
      : around_(around), functions_(functions), tasks_(around.loop.get_executor()) {}

  // One of the configuration; begins to work.
  void add_configured(MappingRecord record);

  // Takes up those of the journal.
  Awaitable<void> restore();

  // The uuid and the time of `record` are given here.
  Awaitable<Result<ShownMapping>> create(MappingRecord record);
  // `record` is the one that find() gave, with other settings.
  Awaitable<Result<ShownMapping>> update(MappingRecord record);
  Awaitable<Result<ShownMapping>> remove(std::string uuid);

  Result<ShownMapping> find(const std::string& uuid) const;
  std::vector<ShownMapping> list() const;  // by uuid

  // How those do that are at work, by queue.
  std::vector<MappingStatus> status() const;

  // A function has come into the table, or has left it: its mappings begin to work, or nothing of
  // them uses it any more when this returns.
  void function_came(const std::string& name);
  Awaitable<void> function_goes(const functions::Function& function);

  // From now on nothing more is leased.
  void begin_stop();
  Awaitable<void> stop();

 private:
  struct Mapping {
    MappingRecord record;
    std::string state;
    bool changing = false;                  // a change is on its way; no other one begins
    std::unique_ptr<MappingRunner> runner;  // none while there is nothing to run
    const functions::Function* runs_on = nullptr;
  };

  void start_runner(Mapping& mapping);
  Awaitable<void> stop_runner(Mapping& mapping);
  Awaitable<Status> keep(std::string uuid, std::string bytes);
  Awaitable<void> settle(std::string uuid);
  Result<Mapping*> find_to_change(const std::string& uuid);
  std::vector<std::unique_ptr<MappingRunner>> take_runners_of(const functions::Function& function);
  bool changes() const;
  Status check_duplicate(const MappingRecord& record) const;

  MappingSurroundings around_;
  const FunctionTable& functions_;
  std::map<std::string, std::unique_ptr<Mapping>> mappings_;  // by uuid
  bool stopping_ = false;
  WaitList settled_;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime::lambda
