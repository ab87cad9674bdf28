// headrace: the program. The verbs are in this folder, serving is runtime/application.
#include "runtime/application.hpp"
#include "runtime/cli/command_line.hpp"

int main(int argc, char** argv) {
  return headrace::runtime::run_command_line(argc, argv,
                                             [](const headrace::runtime::ServeOptions& options) {
                                               return headrace::runtime::Application(options).run();
                                             });
}
