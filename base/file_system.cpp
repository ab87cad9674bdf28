#include "base/file_system.hpp"

namespace headrace {

Result<std::string> read_file(FileSystem& files, const std::string& path) {
  const auto file = files.open(path, OpenMode::kReadOnly);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  return (*file)->read_at(0, *size);
}

}  // namespace headrace
