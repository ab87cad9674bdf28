// Zip archives for tests, also such as no program makes: entries are stored as they are told.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::runtime::lambda {

inline constexpr std::uint32_t kRegularMode = 0100644;
inline constexpr std::uint32_t kExecutableMode = 0100755;
inline constexpr std::uint32_t kLinkMode = 0120777;

class ZipBuilder {
 public:
  ZipBuilder& add(const std::string& name, const std::string& bytes,
                  std::uint32_t mode = kRegularMode);
  // The size that the entries say they have, instead of the one they have.
  ZipBuilder& claim_size(std::uint32_t bytes);
  ZipBuilder& spoil_checksums();
  std::string build() const;

 private:
  std::string files_;
  std::string directory_;
  std::uint16_t count_ = 0;
  std::uint32_t claimed_size_ = 0;
  std::uint32_t checksum_error_ = 0;
};

}  // namespace headrace::runtime::lambda
