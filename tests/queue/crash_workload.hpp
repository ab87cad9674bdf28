// CrashWorkload: random work on one server, and what may be true after its disk crashed.
//
// Messages are known by their bodies, which differ. A crash image is a disk as a power cut or a
// kill left it, with what had been acknowledged at that moment.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {

// What the clients know.
struct Ledger {
  std::set<std::string> acknowledged_sends;
  std::set<std::string> attempted_deletes;
  std::set<std::string> acknowledged_deletes;
};

struct CrashImage {
  std::unique_ptr<FakeFileSystem> disk;
  Ledger ledger;
  TimePoint time;
};

class CrashWorkload {
 public:
  // Small, so that the work rolls over many segments.
  static constexpr std::uint64_t kSegmentBytes = 24 << 10;

  // With upkeep, snapshots are taken, segments compacted and used again, and more is deleted.
  enum class Upkeep { kNone, kOn };
  CrashWorkload(FakeFileSystem& disk, std::uint64_t seed, Upkeep upkeep = Upkeep::kNone);

  // Goes on for so many rounds of a few calls at once.
  void work(int rounds);
  const Ledger& ledger() const { return ledger_; }
  TimePoint now() const { return server_.clock.now(); }
  const JournalKeeper& keeper() const { return *server_.keeper; }

 private:
  void begin_one();
  void begin_send();
  void begin_receive(const std::string& queue);
  void begin_delete();
  void begin_change();
  void collect();

  struct Held {
    std::string queue;
    std::string handle;
    std::string body;
  };
  struct Sending {
    SendAnswer answer;
    std::vector<std::string> bodies;
  };
  struct Deleting {
    StatusesAnswer answer;
    std::string body;
  };

  Random random_;
  Upkeep upkeep_;
  ServerHarness server_;
  Cancellation never_;
  Ledger ledger_;
  std::vector<Sending> sends_;
  std::vector<Deleting> deletes_;
  std::vector<std::pair<std::string, ReceiveAnswer>> receives_;
  std::vector<Held> held_;
  int sent_ = 0;
};

// Opens the image, drains it, and says what is wrong: a lost or resurrected or doubled message, or
// a refusal to start. Empty when all is well.
std::vector<std::string> check_image(FakeFileSystem& disk, const Ledger& ledger, TimePoint time);

}  // namespace headrace::queue
