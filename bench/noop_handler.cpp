// The handler of native_invoke_bench.
#include <headrace/function.hpp>

namespace {

void handler(const headrace::Event& /*event*/, headrace::Context& /*context*/) {}

}  // namespace

HEADRACE_FUNCTION(handler)
