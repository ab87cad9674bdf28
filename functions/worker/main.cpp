// headrace-worker: the process in which a handler runs. Started by the server, with a socket on
// descriptor 3:
//
//   headrace-worker --memory BYTES handler.so                     loads a native handler
//   headrace-worker --run BYTES FOLDER PROGRAM [ARGUMENT...]      becomes a program
//
// And by anybody:
//
//   headrace-worker --probe handler.so    loads it, prints what it is, or why it cannot run
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "functions/worker/containment.hpp"
#include "functions/worker/host.hpp"
#include "functions/worker/loaded_function.hpp"
#include "functions/worker/program.hpp"

namespace {

constexpr int kWrongUsage = 2;

constexpr const char* kHelp =
    "headrace-worker runs a handler for the headrace server, which starts it.\n"
    "To see what a handler is: headrace-worker --probe handler.so\n";

int probe(const std::string& path) {
  headrace::worker::die_with_parent();
  const auto loaded = headrace::worker::load_function(path, headrace::worker::host_functions());
  if (loaded.description == nullptr) {
    std::fprintf(stderr, "%s\n", loaded.problem.c_str());
    return 1;
  }
  std::printf("name=%s version=%s sdk=%s abi=%d.%d\n", loaded.name().c_str(),
              loaded.version().c_str(), loaded.sdk().c_str(), loaded.description->abi_major,
              loaded.description->abi_minor);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (argc == 3 && std::string_view(argv[1]) == "--probe") return probe(argv[2]);
  if (argc == 4 && std::string_view(argv[1]) == "--memory") {
    headrace::worker::apply_limits(std::strtoull(argv[2], nullptr, 10));
    headrace::worker::die_with_server();
    return headrace::worker::serve(argv[3]);
  }
  if (argc >= 5 && std::string_view(argv[1]) == "--run") {
    return headrace::worker::become_program(std::strtoull(argv[2], nullptr, 10), argv[3], argv + 4);
  }
  std::fputs(kHelp, stderr);
  return kWrongUsage;
}
