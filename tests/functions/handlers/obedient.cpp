// Does what the bodies of the batch say, good or bad: "print hello", "exit 3", "segfault".
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <headrace/function.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using headrace::Context;
using headrace::Event;
using headrace::Record;

std::vector<std::vector<char>> hoard;

void flood() {
  const std::string line(1000, 'x');
  for (int i = 0; i < 8000; ++i) std::puts(line.c_str());
}

void leak() {
  for (;;) hoard.emplace_back(1U << 20U, 'x');
}

void loop_forever() {
  for (volatile bool forever = true; forever;) {
  }
}

void fork_and_linger() {
  if (fork() == 0) {
    for (;;) pause();
  }
}

// Moves into the process group of a child, where a signal to its own group does not reach it. The
// child ends when the server lets go of the worker.
void leave_group() {
  const pid_t child = fork();
  if (child == 0) {
    pollfd server{3, POLLRDHUP, 0};
    poll(&server, 1, -1);
    _exit(0);
  }
  setpgid(child, child);
  setpgid(0, child);
}

using Action = void (*)(const std::string& argument, Context& context);
const std::map<std::string, Action> kActions = {
    {"nothing", [](const std::string&, Context&) {}},
    {"print", [](const std::string& text, Context&) { std::puts(text.c_str()); }},
    {"print-open-line",
     [](const std::string& text, Context&) { std::fputs(text.c_str(), stderr); }},
    {"log", [](const std::string& text, Context& context) { context.log(text); }},
    {"warn", [](const std::string& text,
                Context& context) { context.log(headrace::LogLevel::kWarning, text); }},
    {"respond", [](const std::string& json, Context& context) { context.respond(json); }},
    {"respond-large",
     [](const std::string& size, Context& context) {
       context.respond(std::string(std::stoul(size), '1'));
     }},
    {"event",
     [](const std::string&, Context& context) {
       context.respond(context.event_json());
       context.respond(context.event_json());
     }},
    {"environment",
     [](const std::string& name, Context& context) {
       const char* value = std::getenv(name.c_str());
       context.respond(value != nullptr ? value : "unset");
     }},
    {"remaining",
     [](const std::string&, Context& context) {
       context.respond(std::to_string(context.remaining().count()));
     }},
    {"pid",
     [](const std::string&, Context& context) { context.respond(std::to_string(getpid())); }},
    {"throw", [](const std::string& text, Context&) { throw std::runtime_error(text); }},
    {"throw-int", [](const std::string&, Context&) { throw 1; }},
    {"exit", [](const std::string& status, Context&) { std::exit(std::stoi(status)); }},
    {"abort", [](const std::string&, Context&) { std::abort(); }},
    {"segfault", [](const std::string&, Context&) { raise(SIGSEGV); }},
    {"loop", [](const std::string&, Context&) { loop_forever(); }},
    {"leave-group-and-loop",
     [](const std::string&, Context&) {
       leave_group();
       loop_forever();
     }},
    {"large-log-frame",
     [](const std::string& size, Context&) {
       // The head of a frame of type kLog (functions/worker_protocol.hpp).
       const std::uint32_t head[] = {0x31'66'72'68, 18,
                                     static_cast<std::uint32_t>(std::stoul(size))};
       if (write(3, head, sizeof head) < 0) std::abort();
     }},
    {"garbage",
     [](const std::string&, Context&) {
       const std::string bytes(100, 'g');
       if (write(3, bytes.data(), bytes.size()) < 0) std::abort();
     }},
    {"garbage-and-loop",
     [](const std::string&, Context&) {
       if (write(3, "no frame, no frame", 18) < 0) std::abort();
       loop_forever();
     }},
    {"close-socket", [](const std::string&, Context&) { close(3); }},
    {"flood", [](const std::string&, Context&) { flood(); }},
    {"leak", [](const std::string&, Context&) { leak(); }},
    {"fork",
     [](const std::string&, Context&) {
       if (fork() != 0) return;  // the child returns from the handler, too
     }},
    {"fork-and-linger", [](const std::string&, Context&) { fork_and_linger(); }},
};

void handler(const Event& event, Context& context) {
  for (const Record record : event) {
    const std::string body(record.body());
    const std::size_t space = std::min(body.find(' '), body.size());
    const std::string argument = body.substr(std::min(space + 1, body.size()));
    kActions.at(body.substr(0, space))(argument, context);
  }
}

}  // namespace

HEADRACE_FUNCTION(handler)
