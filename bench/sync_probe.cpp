// What the disk itself can do: one write of a block and its fdatasync, again and again, into a
// preallocated file. usage: sync_probe FOLDER; prints p50 and p99 in microseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr int kRounds = 500;
constexpr std::size_t kBlockBytes = 4096;

// Microseconds of each round; fewer rounds when the disk refuses.
std::vector<long> measure(int file) {
  using Clock = std::chrono::steady_clock;
  const std::vector<char> block(kBlockBytes, 'x');
  std::vector<long> times_us;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    const auto offset = static_cast<off_t>(kBlockBytes) * round;
    if (pwrite(file, block.data(), block.size(), offset) != static_cast<ssize_t>(block.size())) {
      break;
    }
    if (fdatasync(file) != 0) break;
    times_us.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
  }
  return times_us;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string path = std::string(argv[1]) + "/sync_probe";
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0 || posix_fallocate(file, 0, static_cast<off_t>(kBlockBytes) * kRounds) != 0)
    return 1;
  std::vector<long> times_us = measure(file);
  close(file);
  unlink(path.c_str());
  if (times_us.size() != kRounds) return 1;
  std::sort(times_us.begin(), times_us.end());
  std::printf("%ld %ld\n", times_us[kRounds / 2], times_us[kRounds * 99 / 100]);
}
