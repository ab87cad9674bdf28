// InvokeApi: Invoke and InvokeAsync of the Lambda API (spec 6.3).
//
// Owned by the handler. Loop thread only.
#pragma once

#include <cstddef>

#include "runtime/lambda/async_invocations.hpp"
#include "runtime/lambda/catalog.hpp"
#include "runtime/lambda/invoker.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kEventBytesMaxSync = 6'291'456;
inline constexpr std::size_t kClientContextBytesMax = 3583;
inline constexpr std::size_t kLogTailBytesMax = 4096;
// Callers that wait for one of a function's slots, of all functions together; more are throttled.
inline constexpr std::size_t kCallersWaitingMax = 1000;

class InvokeApi {
 public:
  // All of it outlives the InvokeApi.
  struct Services {
    const Catalog& catalog;
    Invoker& invoker;
    AsyncInvocations& events;
  };

  explicit InvokeApi(const Services& services) : services_(services) {}

  void add_routes(Routes& routes);

 private:
  Answer invoke(Call call);
  Answer invoke_async(Call call);
  Answer run(functions::Function& function, Call call);
  Answer accept(std::string function, Call call);

  Services services_;
  std::size_t waiting_ = 0;
};

}  // namespace headrace::runtime::lambda
