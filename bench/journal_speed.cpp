// The journal beside the disk itself: rounds of the journal alternate with rounds of plain pwrite
// and fdatasync of the same bytes on the same disk, and the figures are medians.
//
// usage: journal_speed DIRECTORY
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "base/random.hpp"
#include "queue/engine.hpp"
#include "queue/file_journal.hpp"

namespace headrace::queue {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kRounds = 5;
constexpr std::size_t kByHandMax = 1000;  // commits of a round; the rest is reckoned

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

struct Load {
  const char* name;
  std::size_t writers;  // at the same time; by hand there is only one
  std::size_t commits;  // of all writers
  std::size_t records;  // of each commit
};

// A message of a kibibyte.
MessageContent kibibyte() {
  MessageContent content;
  content.body = std::string(1024, 'x');
  content.body_md5 = md5(content.body);
  return content;
}

Record send_of(const MessageContent& content) {
  SendRecord record;
  record.queue = QueueId(1);
  record.content = &content;
  return record;
}

// A writer's commit begins when the one before it is durable.
boost::asio::awaitable<void> commit_all(FileJournal& journal, Load load) {
  const MessageContent content = kibibyte();
  const Record record = send_of(content);
  for (std::size_t commit = 0; commit < load.commits / load.writers; ++commit) {
    const Status room = co_await journal.room(RoomFor::kSend);
    if (!room) fail(room.error().message);
    for (std::size_t i = 0; i < load.records; ++i) journal.append(record);
    co_await journal.wait_durable(journal.last());
  }
}

double through_the_journal(FileSystem& files, const std::string& directory, const Load& load) {
  std::filesystem::remove_all(directory);
  boost::asio::io_context loop;
  SystemClock clock(loop);
  const auto writer = make_thread_offload(loop, "writer", 1);
  const auto syncer = make_thread_offload(loop, "syncer", 1);
  const auto background = make_thread_offload(loop, "background", 1);
  NoBodies nobody;
  Engine engine(HandleKey{1}, nobody);
  FileJournalOptions options;
  options.directory = directory;
  options.on_failure = [](const headrace::Error& error) { fail(error.message); };
  auto opened = FileJournal::open(files, clock, {loop, *writer, *syncer, *background},
                                  std::move(options), engine);
  if (!opened) fail(opened.error().message);
  const auto start = Steady::now();
  std::size_t writing = load.writers;
  for (std::size_t i = 0; i < load.writers; ++i) {
    boost::asio::co_spawn(loop, commit_all(**opened, load), [&](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      if (--writing == 0) loop.stop();
    });
  }
  loop.run();
  const double seconds = seconds_since(start);
  loop.restart();
  boost::asio::co_spawn(loop, (*opened)->close(), [&loop](std::exception_ptr) { loop.stop(); });
  loop.run();
  return seconds;
}

// What the records take in one block.
std::size_t block_bytes(const Load& load) {
  std::string frame;
  const MessageContent content = kibibyte();
  encode_record(frame, send_of(content));
  return align_to_sector(kBlockHeaderBytes + load.records * frame.size());
}

double by_hand(FileSystem& files, const std::string& path, const Load& load) {
  constexpr std::uint64_t kFileBytes = std::uint64_t{16} << 20;
  std::filesystem::remove(path);
  auto file = files.open(path, OpenMode::kCreate);
  if (!file || !(*file)->preallocate(kFileBytes)) fail("cannot write " + path);
  const std::string block(block_bytes(load), 'x');
  const auto start = Steady::now();
  std::uint64_t at = 0;
  for (std::size_t commit = 0; commit < std::min(load.commits, kByHandMax); ++commit) {
    if (at + block.size() > kFileBytes) at = 0;
    if (!(*file)->write_at(at, block) || !(*file)->sync()) fail("cannot write " + path);
    at += block.size();
  }
  return seconds_since(start) * static_cast<double>(load.commits) /
         static_cast<double>(std::min(load.commits, kByHandMax));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(FileSystem& files, const std::string& root, const Load& load) {
  std::vector<double> journal;
  std::vector<double> disk;
  for (int round = 0; round < kRounds; ++round) {
    disk.push_back(by_hand(files, root + "/raw", load));
    journal.push_back(through_the_journal(files, root + "/journal", load));
  }
  const auto commits = static_cast<double>(load.commits);
  const double megabytes = commits * static_cast<double>(block_bytes(load)) / 1e6;
  std::printf(
      "%-22s journal %7.0f commits/s %7.1f MB/s   pwrite + fdatasync %7.0f commits/s %7.1f MB/s   "
      "%.2fx\n",
      load.name, commits / median(journal), megabytes / median(journal), commits / median(disk),
      megabytes / median(disk), median(disk) / median(journal));
  std::fflush(stdout);
}

}  // namespace
}  // namespace headrace::queue

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: journal_speed DIRECTORY\n");
    return 2;
  }
  const std::string root = std::string(argv[1]) + "/journal_speed";
  std::filesystem::create_directories(root);
  const auto files = headrace::make_posix_file_system();
  using headrace::queue::Load;
  for (const Load& load : {Load{"1 x 1 KiB", 1, 1000, 1}, Load{"200 x 1 KiB", 1, 500, 200},
                           Load{"1 x 1 KiB, 64 writers", 64, 32'000, 1},
                           Load{"10 x 1 KiB, 64 writers", 64, 16'000, 10}}) {
    measure(*files, root, load);
  }
  std::filesystem::remove_all(root);
}
