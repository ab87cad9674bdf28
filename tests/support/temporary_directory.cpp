#include "tests/support/temporary_directory.hpp"

#include <filesystem>

#include <stdlib.h>

#include "base/check.hpp"

namespace headrace {

TemporaryDirectory::TemporaryDirectory()
    : path_((std::filesystem::temp_directory_path() / "headrace-test-XXXXXX").string()) {
  HR_CHECK(::mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace headrace
