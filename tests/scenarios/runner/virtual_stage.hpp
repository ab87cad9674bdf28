// VirtualStage: queues behind the real SQS handler, in this process, on a clock that moves only
// when the scenario says so. Their data is in memory, for a scenario that restarts on a simulated
// disk.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/offload.hpp"
#include "queue/sqs/sqs_handler.hpp"
#include "queue/store.hpp"
#include "tests/scenarios/runner/scenario.hpp"
#include "tests/scenarios/runner/stage.hpp"
#include "tests/support/fake_file_system.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::scenarios {

class VirtualStage final : public Stage {
 public:
  explicit VirtualStage(const Scenario& scenario);
  ~VirtualStage() override;

  Status send(const std::string& name, WireRequest request) override;
  // An answer must come without time passing, or exactly after `takes`.
  Result<HttpResponse> receive(const std::string& name, Duration takes) override;
  void wait(Duration duration) override { clock_.advance(duration); }
  Status restart() override;

 private:
  struct Call {
    Cancellation cancellation;
    bool pending = false;
    HttpResponse response;
  };

  Status open();
  void close();

  const queue::Cooldowns cooldowns_;
  const queue::Durability durability_;
  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  std::unique_ptr<Offload> offload_ = make_inline_offload(loop_);
  FakeFileSystem disk_;
  std::map<std::string, Call> calls_;
  std::unique_ptr<queue::Store> store_;
  std::unique_ptr<queue::sqs::SqsHandler> handler_;
  Status opened_;
};

}  // namespace headrace::scenarios
