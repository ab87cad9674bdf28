#include "functions/worker/program.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

#include "functions/worker/containment.hpp"

namespace headrace::worker {

namespace {

constexpr int kCannotRun = 127;  // as a shell has it

int explain(const char* what) {
  std::fprintf(stderr, "cannot run %s: %s\n", what, std::strerror(errno));
  return kCannotRun;
}

}  // namespace

int become_program(std::uint64_t memory_bytes, const std::string& folder, char** arguments) {
  let_group_die_with_server();
  if (chdir(folder.c_str()) != 0) return explain(folder.c_str());
  apply_limits(memory_bytes);
  execv(arguments[0], arguments);
  return explain(arguments[0]);
}

}  // namespace headrace::worker
