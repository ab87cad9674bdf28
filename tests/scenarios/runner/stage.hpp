// Stage: where a scenario is played: a server, and the time it lives in.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "tests/scenarios/runner/wire_form.hpp"

namespace headrace::scenarios {

class Stage {
 public:
  virtual ~Stage() = default;

  // Sends a request; `name` is for its answer.
  virtual Status send(const std::string& name, WireRequest request) = 0;
  // The answer to the request sent under that name. Fails when none comes, or when it comes sooner
  // than after `takes`.
  virtual Result<HttpResponse> receive(const std::string& name, Duration takes) = 0;
  virtual void wait(Duration duration) = 0;
  virtual Status restart() = 0;
};

}  // namespace headrace::scenarios
