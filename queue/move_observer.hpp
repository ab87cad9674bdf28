// MoveObserver: hears of each message that changes queues, when the move is applied and before it
// is durable: a crash may undo what was told. For a history that nothing depends on.
//
// Called in the middle of a change, for many messages in a row: it only takes note.
#pragma once

#include "queue/message.hpp"

namespace headrace::queue {

enum class MoveKind : std::uint8_t {
  kDeadLettered,  // by the redrive policy; the message keeps its id
  kRedriven,      // by a person or a move task; it gets a new one
};

struct MessageMove {
  MoveKind kind = MoveKind::kDeadLettered;
  TimePoint time{};
  Place from{};
  Place to{};
  const QueueAddress& from_queue;
  const QueueAddress& to_queue;
  Uuid new_id{};                    // kRedriven
  std::uint32_t receive_count = 0;  // kDeadLettered, as the next
  std::int64_t max_receive_count = 0;
};

class MoveObserver {
 public:
  virtual void message_moved(const MessageMove& move) = 0;

 protected:
  ~MoveObserver() = default;
};

}  // namespace headrace::queue
