#include "tests/runtime/lambda/zip_builder.hpp"

#include <string_view>

namespace headrace::runtime::lambda {

namespace {

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

}  // namespace

ZipBuilder& ZipBuilder::add(const std::string& name, const std::string& bytes, std::uint32_t mode) {
  const std::uint64_t offset = files_.size();
  const std::uint64_t size = claimed_size_ != 0 ? claimed_size_ : bytes.size();
  std::string common;           // of the local and the central header
  append_number(common, 0, 8);  // flags, stored, time, date
  append_number(common, crc32(bytes) ^ checksum_error_, 4);
  append_number(common, bytes.size(), 4);
  append_number(common, size, 4);
  append_number(common, name.size(), 2);
  append_number(common, 0, 2);  // no extra field
  append_number(files_, 0x04034b50, 4);
  append_number(files_, 20, 2);
  files_ += common + name + bytes;
  append_number(directory_, 0x02014b50, 4);
  append_number(directory_, (3U << 8U) | 20U, 2);  // made on UNIX
  append_number(directory_, 20, 2);
  directory_ += common;
  append_number(directory_, 0, 6);  // comment, disk, internal attributes
  append_number(directory_, static_cast<std::uint64_t>(mode) << 16U, 4);
  append_number(directory_, offset, 4);
  directory_ += name;
  ++count_;
  return *this;
}

ZipBuilder& ZipBuilder::claim_size(std::uint32_t bytes) {
  claimed_size_ = bytes;
  return *this;
}

ZipBuilder& ZipBuilder::spoil_checksums() {
  checksum_error_ = 1;
  return *this;
}

std::string ZipBuilder::build() const {
  std::string zip = files_ + directory_;
  append_number(zip, 0x06054b50, 4);
  append_number(zip, 0, 4);
  append_number(zip, count_, 2);
  append_number(zip, count_, 2);
  append_number(zip, directory_.size(), 4);
  append_number(zip, files_.size(), 4);
  append_number(zip, 0, 2);
  return zip;
}

}  // namespace headrace::runtime::lambda
