// The files of a new project for a handler in C++, as `headrace init cpp` writes them: those of
// runtime/cli/cpp_project/ and the handler SDK, embedded when headrace is built.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headrace::runtime {

struct EmbeddedFile {
  std::string_view path;  // in the project
  std::string_view text;  // {{name}} and {{target}} stand for the project's names
};

const std::vector<EmbeddedFile>& cpp_project();

// The text with the project's name, and with its name as one of a CMake target.
std::string fill_in(std::string_view text, const std::string& name);

}  // namespace headrace::runtime
