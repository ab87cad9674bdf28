// Refuses the messages whose body starts with "bad", one by one.
#include <stdexcept>
#include <string>

#include <headrace/function.hpp>

namespace {

void handler(const headrace::Record& record, headrace::Context& context) {
  const std::string body(record.body());
  context.log("saw " + body);
  if (body.starts_with("bad")) throw std::runtime_error("refused " + body);
}

}  // namespace

HEADRACE_FUNCTION(handler)
