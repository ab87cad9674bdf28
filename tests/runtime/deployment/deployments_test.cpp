#include "runtime/deployments.hpp"

#include <filesystem>
#include <functional>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "functions/native_function.hpp"
#include "queue/store.hpp"
#include "runtime/deploy_command.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"
#include "tests/support/fake_file_system.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using functions::run;
using testing::HasSubstr;

std::string handler(const std::string& name) { return std::string(HANDLERS) + "/" + name + ".so"; }

// Has a slot at once; with `when_asked` only says that it was asked for one, until it is told to
// stop.
class SlowToStart final : public functions::Function, private functions::SlotOwner {
 public:
  SlowToStart(functions::FunctionConfig config, std::function<void()> when_asked)
      : config_(std::move(config)), when_asked_(std::move(when_asked)) {}

  const functions::FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<functions::Slot>> acquire_slot() override {
    if (!when_asked_) co_return functions::Slot(*this, 1);
    when_asked_();
    while (!stopping_) co_await stopped_.wait();
    co_return Error{ErrorCode::kUnavailable, "the function is stopping"};
  }
  boost::asio::awaitable<functions::InvocationResult> invoke(functions::Slot,
                                                             functions::Invocation) override {
    co_return functions::InvocationResult();
  }
  void begin_stop() override {
    stopping_ = true;
    stopped_.notify_all();
  }
  boost::asio::awaitable<void> stop() override { co_return; }
  std::size_t running() const override { return 0; }
  std::size_t limit() const override { return 1; }

 private:
  void give_back(std::uint64_t) override {}

  functions::FunctionConfig config_;
  std::function<void()> when_asked_;
  bool stopping_ = false;
  WaitList stopped_;
};

// A server's functions over a store that outlives them, as over a restart.
class DeploymentsTest : public testing::Test {
 protected:
  // What one life of the server has.
  struct Life {
    Life(DeploymentsTest& test)
        : deployments({test.loop_, test.clock_, test.store_->broker(), test.artifacts_},
                      [&test](functions::FunctionConfig config) {
                        return std::make_unique<functions::NativeFunction>(
                            test.loop_, test.clock_, *test.spawner_, WORKER, std::move(config));
                      }) {}

    Deployments deployments;
    Deployments::FunctionPtr function;
  };

  DeploymentsTest() {
    queue::StoreOptions options;
    options.durability = queue::Durability::kMemory;
    store_ = *queue::Store::open(no_files_, clock_, {loop_, *disk_, *disk_, *disk_}, options);
    store_->broker().start();
    use("picky");
  }

  void TearDown() override { end_life(); }

  // The file that the configuration names holds this handler from now on.
  void use(const std::string& name) {
    std::filesystem::copy_file(handler(name), source(),
                               std::filesystem::copy_options::overwrite_existing);
  }
  std::string source() const { return folder_.path() + "/signup.so"; }

  Status begin_life() {
    end_life();
    life_ = std::make_unique<Life>(*this);
    functions::FunctionConfig config;
    config.name = "signup";
    config.workers.max = 2;
    config.timeout = std::chrono::seconds(10);
    auto started = run(loop_, life_->deployments.start(std::move(config), source()));
    if (!started) return started.error();
    life_->function = std::move(*started);
    return run(loop_, life_->deployments.record_all());
  }

  void end_life() {
    if (life_ && life_->function) run(loop_, life_->function->stop());
    life_.reset();
  }

  Result<FunctionVersion> deploy(const std::string& name) {
    return run(loop_, life_->deployments.deploy("signup", handler(name)));
  }

  Result<FunctionVersion> roll_back(const std::string& version = {}) {
    return run(loop_, life_->deployments.roll_back("signup", version));
  }

  // What the version that serves logs for a message: picky and plain say different things.
  std::string invoke() {
    Result<functions::Slot> slot = run(loop_, life_->function->acquire_slot());
    if (!slot) return slot.error().message;
    const functions::Event event = functions::make_event({"ada"});
    const auto result = run(loop_, life_->function->invoke(std::move(*slot), {"req-1", &event}));
    return result.log_lines.empty() ? "nothing" : result.log_lines.front();
  }

  std::string serving() const { return life_->function->config().version; }

  TemporaryDirectory folder_;
  boost::asio::io_context loop_;
  SystemClock clock_{loop_};
  FakeFileSystem no_files_;
  std::unique_ptr<FileSystem> files_ = make_posix_file_system();
  std::unique_ptr<Offload> disk_ = make_thread_offload(loop_, "disk", 1);
  std::unique_ptr<Offload> threads_ = make_thread_offload(loop_, "spawner", 1);
  std::unique_ptr<functions::Spawner> spawner_ = functions::make_posix_spawner(*threads_);
  functions::ArtifactStore artifacts_{
      {loop_, clock_, *files_, *disk_, *spawner_}, folder_.path() + "/functions", WORKER};
  std::unique_ptr<queue::Store> store_;
  std::unique_ptr<Life> life_;
};

TEST_F(DeploymentsTest, ConfiguredFileServesAtFirst) {
  ASSERT_TRUE(begin_life());
  EXPECT_EQ(invoke(), "saw ada");
  const VersionHistory* history = life_->deployments.history("signup");
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->active()->name(), serving());
  EXPECT_EQ(history->active()->sdk, "headrace C++ 1.0");
  EXPECT_EQ(life_->deployments.history("nosuch"), nullptr);
}

TEST_F(DeploymentsTest, DeployedVersionTakesOverAndCanBeRolledBack) {
  ASSERT_TRUE(begin_life());
  const std::string first = serving();
  const Result<FunctionVersion> second = deploy("plain");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(serving(), second->name());
  EXPECT_NE(invoke(), "saw ada");
  const Result<FunctionVersion> back = roll_back();
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->name(), first);
  EXPECT_EQ(invoke(), "saw ada");
  EXPECT_EQ(roll_back(second->sha256.substr(0, 6))->sha256, second->sha256);
  EXPECT_EQ(life_->deployments.history("signup")->versions().size(), 2U);
}

TEST_F(DeploymentsTest, WhatCannotServeIsRefusedAndNothingChanges) {
  ASSERT_TRUE(begin_life());
  const std::string before = life_->deployments.history("signup")->to_json();
  EXPECT_THAT(deploy("missing_symbol").error().message, HasSubstr("undefined symbol"));
  EXPECT_THAT(deploy("init_fails").error().message, HasSubstr("init failed"));
  EXPECT_THAT(deploy("not_there").error().message, HasSubstr("not_there.so"));
  EXPECT_EQ(roll_back().error().message, "no version served before");
  EXPECT_EQ(roll_back("cafe").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(life_->deployments.history("signup")->to_json(), before);
  EXPECT_EQ(invoke(), "saw ada");
}

TEST_F(DeploymentsTest, DeployOfWhatServesChangesNothing) {
  ASSERT_TRUE(begin_life());
  const Result<FunctionVersion> same = deploy("picky");
  ASSERT_TRUE(same);
  EXPECT_EQ(same->name(), serving());
  EXPECT_EQ(life_->deployments.history("signup")->previous(), nullptr);
}

TEST_F(DeploymentsTest, RestartServesWhatWasDeployed) {
  ASSERT_TRUE(begin_life());
  const std::string deployed = deploy("plain")->name();
  ASSERT_TRUE(begin_life());
  EXPECT_EQ(serving(), deployed);
  EXPECT_NE(invoke(), "saw ada");
  ASSERT_TRUE(roll_back());
  EXPECT_EQ(invoke(), "saw ada");
}

TEST_F(DeploymentsTest, RestartServesTheConfiguredFileWhenThatHasChanged) {
  ASSERT_TRUE(begin_life());
  ASSERT_TRUE(deploy("plain"));
  std::filesystem::resize_file(source(), std::filesystem::file_size(source()) + 1);
  ASSERT_TRUE(begin_life());
  EXPECT_EQ(invoke(), "saw ada");
  EXPECT_EQ(life_->deployments.history("signup")->versions().size(), 3U);
}

TEST_F(DeploymentsTest, DeployedFileThatIsDamagedIsNotServed) {
  ASSERT_TRUE(begin_life());
  const FunctionVersion deployed = *deploy("plain");
  end_life();
  const std::string copy =
      folder_.path() + "/functions/signup/" + deployed.sha256 + "/" + deployed.file;
  std::filesystem::resize_file(copy, 1000);
  ASSERT_TRUE(begin_life());
  EXPECT_EQ(invoke(), "saw ada");
}

TEST_F(DeploymentsTest, CommandIsAnsweredInJson) {
  ASSERT_TRUE(begin_life());
  const auto ask = [this](const std::string& line) {
    return run(loop_, answer_deploy_command(life_->deployments, line));
  };
  const auto answer =
      JsonDocument::parse(ask(R"({"function":"signup","artifact":")" + handler("plain") + R"("})"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->root().find("version")->as_string(), serving());
  EXPECT_THAT(ask("{"), HasSubstr("error"));
  EXPECT_THAT(ask(R"({"function":"nosuch","artifact":"/a.so"})"),
              HasSubstr("there is no native function of this name"));
  EXPECT_THAT(ask(R"({"function":"signup","artifact":"a.so"})"), HasSubstr("an absolute path"));
}

// Its init may take as long as an invocation.
TEST_F(DeploymentsTest, StopEndsTheTrialOfAVersion) {
  std::function<void()> when_asked;
  Deployments deployments({loop_, clock_, store_->broker(), artifacts_},
                          [&when_asked](functions::FunctionConfig config) {
                            return std::make_unique<SlowToStart>(std::move(config), when_asked);
                          });
  functions::FunctionConfig config;
  config.name = "signup";
  const auto function = run(loop_, deployments.start(std::move(config), source()));
  ASSERT_TRUE(function);
  when_asked = [this, &deployments] {
    boost::asio::post(loop_, [&deployments] { deployments.begin_stop(); });
  };
  const auto deployed = run(loop_, deployments.deploy("signup", handler("plain")));
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().message, "the function is stopping");
  run(loop_, deployments.stop());
  run(loop_, (*function)->stop());
}

TEST_F(DeploymentsTest, NoChangeBeginsWhileTheServerStops) {
  ASSERT_TRUE(begin_life());
  run(loop_, life_->deployments.stop());
  EXPECT_EQ(deploy("plain").error().message, "the server is stopping");
}

}  // namespace
}  // namespace headrace::runtime
