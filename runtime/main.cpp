// headrace: the program. What it does is in runtime/cli (verbs) and runtime/application (serve).
#include "runtime/application.hpp"
#include "runtime/cli/command_line.hpp"

int main(int argc, char** argv) {
  return headrace::runtime::run_command_line(argc, argv,
                                             [](const headrace::runtime::ServeOptions& options) {
                                               return headrace::runtime::Application(options).run();
                                             });
}
