// FunctionStore: the functions that the Lambda API has made.
//
// Each is a document in the journal, code in a folder, and a function in the table that all others
// use; a change is durable and at work when its call returns, and what began before ends on the
// code and settings it began with. Owned by the application; stop() is awaited before its end. Loop
// thread only; one change of a function at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/versioned_function.hpp"
#include "queue/broker.hpp"
#include "runtime/function_pages.hpp"
#include "runtime/lambda/code_store.hpp"
#include "runtime/lambda/function_record.hpp"
#include "runtime/lambda/function_request.hpp"
#include "runtime/lambda/mappings.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kFunctionsMax = 1000;
inline constexpr std::size_t kWorkersOfFunction = 10;

class FunctionStore {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;
  using FunctionPtr = std::unique_ptr<functions::Function>;
  // Makes the function that runs what the configuration names; the error says why it cannot run.
  using Make = std::function<Awaitable<headrace::Result<FunctionPtr>>(functions::FunctionConfig)>;

  // All of it outlives the store.
  struct Services {
    boost::asio::io_context& loop;
    Clock& clock;
    Random& random;
    queue::Broker& broker;
    FunctionTable& functions;
    Mappings& mappings;
    CodeStore& code;
  };

  FunctionStore(const Services& services, Scope home, Make make)
      : services_(services),
        home_(std::move(home)),
        make_(std::move(make)),
        tasks_(services.loop.get_executor()) {}

  // Takes up those of the journal. A function of the configuration goes before one of its name.
  Awaitable<void> restore();

  // nullptr when the API has made no function of that name.
  const FunctionRecord* find(const std::string& name) const;

  Awaitable<Result<FunctionRecord>> create(NewFunction made);
  Awaitable<Result<FunctionRecord>> update_code(std::string name, NewCode code);
  // `record` is the one that find() gave, with other settings.
  Awaitable<Result<FunctionRecord>> update_configuration(FunctionRecord record);

  // It is gone when this returns; what it runs is finished after.
  Awaitable<Status> remove(std::string name);

  // Begins no more changes.
  void begin_stop() { stopping_ = true; }

  // Suspends until no change is on its way, and those that were removed have ended.
  Awaitable<void> stop();

  // It could not be made at this start; another start may succeed.
  bool rests(const std::string& name) const { return resting_.contains(name); }

 private:
  struct Made {
    FunctionRecord record;
    functions::VersionedFunction* function = nullptr;  // none while it is made
    bool changing = false;
  };
  class Change;
  class Running;

  functions::FunctionConfig to_config(const FunctionRecord& record) const;
  Awaitable<Result<FunctionPtr>> make(FunctionRecord record);
  Awaitable<Status> keep(FunctionRecord record);
  Awaitable<Result<FunctionRecord>> replace(FunctionRecord record);
  Awaitable<void> retire(FunctionPtr function);
  void install(FunctionRecord record, FunctionPtr function);
  void renew(FunctionRecord& record);
  Result<Made*> find_to_change(const std::string& name);

  Services services_;
  const Scope home_;
  Make make_;
  std::map<std::string, Made> made_;
  std::set<std::string> resting_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  WaitList idle_;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime::lambda
