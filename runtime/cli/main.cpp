// headrace: the program. The verbs are in this folder, serving is runtime/program/application.
#include "runtime/cli/command_line.hpp"
#include "runtime/program/application.hpp"

int main(int argc, char** argv) {
  return headrace::runtime::run_command_line(argc, argv,
                                             [](const headrace::runtime::ServeOptions& options) {
                                               return headrace::runtime::Application(options).run();
                                             });
}
