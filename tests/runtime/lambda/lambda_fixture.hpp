// The Lambda API over a real broker in memory and scripted functions, on virtual time: for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "runtime/lambda/service.hpp"
#include "tests/runtime/store_fixture.hpp"
#include "tests/support/fake_function.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime::lambda {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A version control that has no native functions.
class NoVersions final : public VersionControl {
 public:
  const VersionHistory* history(std::string_view) const override { return nullptr; }
  boost::asio::awaitable<headrace::Result<FunctionVersion>> roll_back(std::string,
                                                                      std::string) override {
    headrace::Result<FunctionVersion> none = headrace::Error{};
    co_return none;
  }
};

class LambdaFixture : public StoreFixture {
 protected:
  LambdaFixture();
  ~LambdaFixture() override;

  functions::FakeFunction& add_function(const std::string& name, std::size_t limit = 2);

  // A server that starts over the data of the one before.
  void start_service();
  void stop_service();

  void send(const std::string& queue, const std::string& body);

  // Begins a request; answers() has its answer when it has come.
  void begin(const std::string& method, const std::string& target, std::string body = "",
             const Headers& headers = {});
  HttpResponse ask(const std::string& method, const std::string& target, std::string body = "",
                   const Headers& headers = {});

  const std::vector<HttpResponse>& answers() const { return answers_; }

  static std::string header(const HttpResponse& response, const std::string& name);
  // A member of the answer, as text; "absent" when there is none. Dots lead into objects.
  static std::string member(const HttpResponse& response, const std::string& path);

  FunctionLogs logs_{clock_};
  Random random_{1};
  NoVersions versions_;
  FunctionTable functions_;
  LastErrors last_errors_;
  MetricsRegistry metrics_;
  std::unique_ptr<Mappings> mappings_;
  std::unique_ptr<Service> service_;

  bool uploads_ = true;                   // for the next start_service()
  std::optional<HttpIdentity> identity_;  // who signs the next requests
  TemporaryDirectory folder_;
  // Functions that were uploaded, in the order in which they were made; none when they cannot run.
  std::vector<functions::FakeFunction*> made_;
  std::vector<functions::FunctionConfig> made_configs_;
  std::string cannot_run_;

 private:
  boost::asio::awaitable<headrace::Result<FunctionStore::FunctionPtr>> make(
      functions::FunctionConfig config);

  Cancellation cancellation_;
  std::vector<HttpResponse> answers_;
};

}  // namespace headrace::runtime::lambda
