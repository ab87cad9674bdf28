#include <headrace/function.hpp>

namespace {

void handler(const headrace::Record& record, headrace::Context& context) {
  context.log(record.body());
}

}  // namespace

HEADRACE_FUNCTION(handler)
