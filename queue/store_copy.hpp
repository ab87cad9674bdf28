// A consistent copy of a data directory, also while a server works on it: `headrace backup`, and
// `headrace restore` the other way round.
//
// The copy holds everything that was acknowledged before it began. A running server is not asked.
// It appends; and it removes or reuses only segments that a snapshot has freed, which nothing
// needs, and frees none while the copier holds kUpkeepLock. So what was read stays true, and the
// copy ends where the journal ended when its last segment was read.
//
// The copy's receipt handles have a key of their own: it goes on with the same sequences as the
// original, and a handle of the one must not delete a message of the other.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "base/random.hpp"
#include "queue/data_directory.hpp"
#include "queue/journal_tools.hpp"

namespace headrace::queue {

struct StoreCopy {
  std::uint64_t bytes = 0;  // written
  JournalReport verified;   // of the copy: every block, snapshot and living message was read
};

// `to` is missing or empty, and becomes a data directory only when it is whole, durable and read
// again without a problem. Blocks; waits for upkeep that is under way. `entropy` fills the new key.
//
// Fails with kNotFound when `from` is no data directory, kExists when `to` holds something or is
// held by somebody, kInvalid when a repair of `from` was interrupted, kCorrupt when what was copied
// is damaged, kIo on trouble with a disk. What is left in `to` then is no data directory, and may
// be removed.
headrace::Result<StoreCopy> copy_store(FileSystem& files, const std::string& from,
                                       const std::string& to,
                                       const DataDirectory::Entropy& entropy = os_random);

}  // namespace headrace::queue
