#include "tests/support/limited_disk.hpp"

#include <algorithm>
#include <utility>

namespace headrace {

namespace {

class LimitedFile final : public File {
 public:
  LimitedFile(LimitedDisk& disk, std::shared_ptr<std::uint64_t> size, std::unique_ptr<File> file)
      : disk_(disk), size_(std::move(size)), file_(std::move(file)) {}

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    if (!grow(offset + bytes.size())) return full();
    return file_->write_at(offset, bytes);
  }
  Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
    return file_->read_at(offset, size);
  }
  Result<std::string> read_cached(std::uint64_t offset, std::size_t size) override {
    return file_->read_cached(offset, size);
  }
  Status sync() override { return file_->sync(); }
  Status preallocate(std::uint64_t size) override {
    if (!grow(size)) return full();
    return file_->preallocate(size);
  }
  Status truncate(std::uint64_t size) override {
    *size_ = size;
    return file_->truncate(size);
  }
  Result<std::uint64_t> size() override { return file_->size(); }

 private:
  bool grow(std::uint64_t end) {
    if (!disk_.fits(*size_, end)) return false;
    *size_ = std::max(*size_, end);
    return true;
  }
  static Error full() { return Error{ErrorCode::kIo, "no space left"}; }

  LimitedDisk& disk_;
  std::shared_ptr<std::uint64_t> size_;
  std::unique_ptr<File> file_;
};

}  // namespace

bool LimitedDisk::fits(std::uint64_t size, std::uint64_t end) const {
  if (end <= size) return true;
  std::uint64_t used = 0;
  for (const auto& [path, bytes] : sizes_) used += *bytes;
  return used + (end - size) <= capacity_;
}

Result<std::unique_ptr<File>> LimitedDisk::open(const std::string& path, OpenMode mode) {
  auto file = disk_.open(path, mode);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  auto& counted = sizes_[path];
  if (!counted) counted = std::make_shared<std::uint64_t>();
  *counted = *size;
  return std::unique_ptr<File>(std::make_unique<LimitedFile>(*this, counted, std::move(*file)));
}

Status LimitedDisk::rename(const std::string& from, const std::string& to) {
  const Status status = disk_.rename(from, to);
  if (!status) return status;
  sizes_[to] = std::move(sizes_[from]);
  sizes_.erase(from);
  return status;
}

Status LimitedDisk::unlink(const std::string& path) {
  const Status status = disk_.unlink(path);
  if (status) sizes_.erase(path);
  return status;
}

}  // namespace headrace
