#include "queue/memory_journal.hpp"

#include <bit>
#include <cstring>
#include <new>

#include "base/check.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

char* block_of(BodyRef body) {
  return std::bit_cast<char*>(static_cast<std::uintptr_t>(body.place));
}

}  // namespace

MemoryJournal::~MemoryJournal() = default;

asio::awaitable<Status> MemoryJournal::room(RoomFor) { co_return Status(); }

Appended MemoryJournal::append(const Record& record) {
  last_ = last_.next();
  const auto* send = std::get_if<SendRecord>(&record);
  if (send == nullptr) return Appended{last_, {}};
  std::string stored;
  encode_stored(stored, send->message_id, *send->content);
  // One block of the exact size per message: a std::string would add its own header.
  auto* block = static_cast<char*>(::operator new(stored.size()));
  std::memcpy(block, stored.data(), stored.size());
  ++bodies_;
  return Appended{last_, BodyRef{std::bit_cast<std::uintptr_t>(block),
                                 static_cast<std::uint32_t>(stored.size())}};
}

asio::awaitable<void> MemoryJournal::wait_written(Lsn) { co_return; }
asio::awaitable<void> MemoryJournal::wait_durable(Lsn) { co_return; }

asio::awaitable<std::optional<StoredMessage>> MemoryJournal::read(BodyRef body) {
  co_return decode_stored(std::string_view(block_of(body), body.size));
}

asio::awaitable<void> MemoryJournal::close() { co_return; }

void MemoryJournal::release(BodyRef body) {
  HR_CHECK(bodies_ > 0);
  --bodies_;
  ::operator delete(block_of(body));
}

}  // namespace headrace::queue
