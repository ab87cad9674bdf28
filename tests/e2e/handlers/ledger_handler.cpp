// Writes one line per attempt into the file LEDGER, takes DELAY_MS for it, and refuses whatever is
// no mail address. The lines, not the server's metrics, tell a test what was handled.
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <headrace/function.hpp>
#include <unistd.h>

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// One write to a file opened with O_APPEND: lines of several workers do not mix.
void append_line(const std::string& line) {
  static const int ledger = open(environment("LEDGER").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (write(ledger, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("the ledger takes no more lines");
  }
}

void handler(const headrace::Record& record, headrace::Context& /*context*/) {
  const std::string address(record.body());
  append_line(address + "\n");
  static const std::string delay_ms = environment("DELAY_MS");
  if (!delay_ms.empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stol(delay_ms)));
  }
  if (address.find('@') == std::string::npos) throw std::runtime_error("no address: " + address);
}

}  // namespace

HEADRACE_FUNCTION(handler)
