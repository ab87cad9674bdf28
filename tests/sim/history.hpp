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

namespace headrace::sim {

// Counts calls and answers, in the order they happened.
using Moment = std::uint64_t;

// From a call to its answer. The server acted somewhere in between.
struct Span {
  TimePoint called;
  TimePoint answered;
  Moment call = 0;
  Moment answer = 0;
};

struct Letter {
  std::string queue;
  std::int64_t delay_seconds = 0;
  TimePoint first_call;
  int attempts = 0;             // sends that may have stored a copy
  std::map<Uuid, Span> stored;  // acknowledged copies
  std::set<Uuid> deletes;       // copies somebody asked to delete
  bool may_be_gone = false;     // a purge or the queue's deletion may have hit it
};

// One message handed out.
struct Delivery {
  std::string queue;
  int letter = -1;  // -1: a body nobody wrote
  queue::ReceivedMessage message;
  Span span;
  std::int64_t visibility = 0;
  std::uint64_t unanswered = 0;  // receives whose answer nobody has seen, or not yet
};

// The whole store, seen while nothing else happens.
struct Inventory {
  struct Item {
    int letter = -1;
    queue::PeekedMessage seen;
  };
  struct OneQueue {
    queue::QueueDescription description;
    std::vector<Item> items;
    std::set<std::uint64_t> sequences;
  };
  TimePoint now;
  std::map<std::string, OneQueue> queues;
};

// How the queues of a run are set up.
struct QueueSetup {
  std::int64_t visibility = 30;
  std::int64_t retention = 345'600;
  std::string dead_letter_queue;  // empty when none
  std::uint32_t max_receives = 0;
  bool takes_sends = true;
};

class History {
 public:
  std::map<std::string, QueueSetup> queues;
  std::vector<Letter> letters;

  int new_letter(const std::string& queue, std::int64_t delay_seconds);
  // The letter whose content this is, byte for byte; -1 when nobody wrote it.
  int find_letter(const queue::MessageContent& content) const;
  Moment next_moment() { return ++moment_; }

 private:
  Moment moment_ = 0;
};

// What letter `number` says. The same for every copy.
queue::MessageContent content_of(int number);

}  // namespace headrace::sim
