// History: what the clients sent and what came back, as an observer knows it who sees every request
// and every answer, also the answers a client never got.
//
// A letter is one body. A client that got no answer sends its letter again, so a letter may have
// copies: messages with ids of their own.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "queue/requests.hpp"
#include "tests/sim/settings.hpp"

namespace headrace::sim {

// From a call to its answer. The server acted somewhere in between.
struct Span {
  TimePoint called;
  TimePoint answered;
  Moment call = 0;
  Moment answer = 0;
  // The life of the queue in which all of it happened; 0 when it was deleted or made meanwhile. A
  // queue that is made anew is another one.
  std::uint64_t life = 0;
};

struct Letter {
  std::string queue;
  std::int64_t delay_seconds = 0;
  TimePoint first_call;
  Moment first_moment = 0;
  int attempts = 0;                        // sends that may have stored a copy
  std::map<Moment, TimePoint> open_sends;  // those whose answer nobody has seen
  std::map<Uuid, Span> stored;             // acknowledged copies
  std::map<Uuid, int> deletes;             // copies somebody asked to delete and was not refused
  bool may_be_gone = false;                // a purge or the queue's deletion may have hit it
  bool may_be_purged = false;              // so the queue may have forgotten that it was sent
};

// An acknowledged send. A FIFO queue may tell of an earlier send, whose answer nobody has seen.
struct Stored {
  std::string queue;
  int letter = -1;
  Uuid id{};
  std::optional<std::uint64_t> sequence;  // FIFO
  Span span;
  TimePoint not_before;  // the call of the earliest send that may have stored it
  Moment not_before_call = 0;
  std::optional<int> twin;  // the message may be this letter's
};

// One message handed out.
struct Delivery {
  std::string queue;
  int letter = -1;  // -1: a body nobody wrote
  queue::ReceivedMessage message;
  Span span;
  Settings::Range visibility;
  std::uint64_t unanswered = 0;  // receives whose answer nobody has seen, or not yet
  bool again = false;            // an earlier receive with this attempt id gave the same handle
  Moment first_call = 0;         // of the first receive with this attempt id, or of its own
};

struct Received {
  std::string queue;
  std::string attempt_id;  // empty when none
  Settings::Range visibility;
  Span span;
  std::vector<Delivery> deliveries;
};

// A delete or a change of visibility by a handle of a FIFO queue.
struct HandleUse {
  enum class What { kDelete, kChange };
  What what = What::kDelete;
  std::string queue;
  int letter = -1;
  Uuid id{};
  std::string handle;
  Span span;
  bool accepted = false;
};

// The whole store, seen while nothing else happens.
struct Inventory {
  struct Item {
    int letter = -1;
    queue::PeekedMessage seen;
  };
  struct OneQueue {
    std::uint64_t life = 0;
    queue::QueueDescription description;
    std::vector<Item> items;
    std::set<std::uint64_t> sequences;
  };
  TimePoint now;
  std::map<std::string, OneQueue> queues;
};

// How the queues of a run are set up. What clients may change of it: Settings.
struct QueueSetup {
  std::int64_t visibility = 30;
  std::int64_t retention = 345'600;
  std::string dead_letter_queue;  // empty when none
  std::uint32_t max_receives = 0;
  bool takes_sends = true;
  bool comes_and_goes = false;  // clients delete it and make it anew

  bool fifo = false;
  bool content_based = false;          // ContentBasedDeduplication
  bool deduplicates_by_group = false;  // DeduplicationScope messageGroup
  bool scope_changes = false;          // clients change that
  std::uint64_t groups = 1;
  std::int64_t delay = 0;  // of the queue: the only one a FIFO queue has
  bool fed_by_redrives = false;

  // A run may outlive a message here.
  bool expires_soon() const { return retention < 3600; }
};

class History {
 public:
  std::map<std::string, QueueSetup> queues;
  std::vector<Letter> letters;
  Settings settings;

  int new_letter(const std::string& queue, std::int64_t delay_seconds);
  // What is sent of it: on a FIFO queue with a group, and an id unless the body tells.
  queue::MessageContent content_to_send(int number) const;
  // The deduplication id a message of it has.
  std::string deduplication_id(int number) const;
  std::string group(int number) const;
  // The letter with the same deduplication id in another group, if there is one. Where clients
  // change the DeduplicationScope the two are duplicates at one time and not at another.
  std::optional<int> twin(int number) const;
  // The letter whose content this is, byte for byte; -1 when nobody wrote it. Group and
  // deduplication id are not looked at.
  int find_letter(const queue::MessageContent& content) const;
  const Letter* letter(int number) const;
  // True when that message is certainly not deleted, purged or expired at `now`.
  bool is_certainly_there(const Delivery& delivery, TimePoint now) const;
  const QueueSetup& home(int number) const { return queues.at(letter(number)->queue); }
  Moment next_moment() { return ++moment_; }

 private:
  Moment moment_ = 0;
};

// What letter `number` says. The same for every copy.
queue::MessageContent content_of(int number);

}  // namespace headrace::sim
