#include "tests/runtime/cli/local_server.hpp"

#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "functions/builtin_function.hpp"
#include "queue/engine.hpp"
#include "queue/local_broker.hpp"
#include "queue/memory_journal.hpp"
#include "queue/sqs/sqs_handler.hpp"
#include "runtime/admin_api.hpp"
#include "runtime/function_api.hpp"
#include "runtime/http/server.hpp"
#include "runtime/router.hpp"

namespace headrace::runtime {

namespace {

HttpServerConfig on_a_free_port() {
  HttpServerConfig config;
  config.port = 0;
  return config;
}

}  // namespace

struct LocalServer::Parts {
  class NoMappings final : public MappingStatusSource {
   public:
    std::vector<MappingStatus> mapping_status() const override { return {}; }
    bool has_function(const std::string& name) const override { return name != "nosuch"; }
  };

  // echo has two versions; the older one can be gone back to.
  class TwoVersions final : public VersionControl {
   public:
    TwoVersions() {
      for (const char* hash : {"aaaa1111", "bbbb2222"}) {
        history_.add(
            {hash, "echo.so", "1.0", "headrace C++ 1.0", from_epoch_ms(1'767'225'600'000)});
        history_.activate(hash);
      }
    }
    const VersionHistory* history(std::string_view function) const override {
      return function == "echo" ? &history_ : nullptr;
    }
    boost::asio::awaitable<Result<FunctionVersion>> roll_back(std::string,
                                                              std::string version) override {
      Result<FunctionVersion> chosen =
          history_.choose(version.empty() ? history_.previous()->sha256 : version);
      co_return chosen;
    }

   private:
    VersionHistory history_;
  };

  boost::asio::io_context loop{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      loop.get_executor()};
  SystemClock clock{loop};
  queue::MemoryJournal journal;
  queue::Engine engine{queue::HandleKey{}, journal};
  queue::LocalBroker broker{loop, clock, engine, journal, 1};
  std::unique_ptr<Offload> pool = make_inline_offload(loop);
  queue::sqs::SqsHandler sqs{broker, *pool, queue::sqs::SqsConfig{}, 1};
  MetricsRegistry metrics;
  NoMappings mappings;
  LastErrors last_errors;
  FunctionLogs logs{clock};
  AdminApi admin{AdminSources{clock, broker, metrics, mappings, last_errors, logs, nullptr},
                 AdminScope{"us-east-1", "000000000000"}};
  FunctionTable functions;
  TwoVersions versions;
  Random random{1};
  FunctionApi function_api{FunctionApi::Services{functions, versions, logs, *pool, random}};
  Router router{sqs};
  HttpServer server{loop, clock, on_a_free_port(), router};
  TaskGroup tasks{loop.get_executor()};
  std::thread thread;

  void add(const std::string& name, functions::BuiltinAction action) {
    functions::FunctionConfig config;
    config.name = name;
    config.kind = functions::FunctionKind::kBuiltin;
    functions[name] =
        std::make_unique<functions::BuiltinFunction>(clock, std::move(config), std::move(action));
  }

  boost::asio::awaitable<void> stop(std::promise<void>* done) {
    broker.stop();
    co_await server.stop();
    done->set_value();
  }
};

LocalServer::LocalServer() : parts_(std::make_unique<Parts>()) {
  parts_->add("echo", functions::make_echo());
  parts_->add("fail", functions::make_fail());
  parts_->router.add("/_headrace/functions", parts_->function_api);
  parts_->router.add("/_headrace", parts_->admin);
  parts_->broker.start();
  parts_->logs.append("welcome-email", "mail for ada");
  const auto port = parts_->server.bind();
  EXPECT_TRUE(port.has_value());
  if (port) url_ = "http://127.0.0.1:" + std::to_string(*port);
  parts_->server.start();
  parts_->thread = std::thread([this] { parts_->loop.run(); });
}

LocalServer::~LocalServer() {
  std::promise<void> done;
  std::future<void> stopped = done.get_future();
  Parts* parts = parts_.get();
  boost::asio::post(parts->loop,
                    [parts, &done] { parts->tasks.spawn("stop", parts->stop(&done)); });
  stopped.wait();
  parts->work.reset();
  parts->loop.stop();
  parts->thread.join();
}

}  // namespace headrace::runtime
