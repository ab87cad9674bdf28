// Does nothing; but a message "hold" keeps it until somebody opens the FIFO GATE for writing, so
// that a backlog can grow meanwhile.
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <headrace/function.hpp>
#include <unistd.h>

namespace {

void handler(const headrace::Event& event, headrace::Context& /*context*/) {
  if (event[0].body() != "hold") return;
  const int gate = open(std::getenv("GATE"), O_RDONLY | O_CLOEXEC);
  if (gate < 0) throw std::runtime_error("the gate is missing");
  close(gate);
}

}  // namespace

HEADRACE_FUNCTION(handler)
