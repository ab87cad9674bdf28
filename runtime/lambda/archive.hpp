// Unpacks a function's Zip. The archive is anybody's bytes: nothing of it leaves the folder, and
// every size has a limit. Blocks; runs off the loop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/lambda/error.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kZippedBytesMax = 52'428'800;  // AWS's, of a deployment package
inline constexpr std::size_t kEntryNameBytesMax = 1024;     // ours

struct ArchiveLimits {
  std::uint64_t unzipped_bytes = 262'144'000;  // AWS's, of a deployment package
  std::int64_t entries = 50'000;               // ours
};

// Into a folder that is there and empty. A refusal may leave a part of it behind. Links, encrypted
// entries, names that lead elsewhere and names that come twice are refused; of the mode of a file
// only whether it can be executed is kept.
Status unpack_archive(std::string_view zip, const std::string& folder,
                      const ArchiveLimits& limits = {});

}  // namespace headrace::runtime::lambda
