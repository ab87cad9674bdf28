// Clients: scripted callers of one server after another. Each does one thing at a time, keeps the
// handles it was given, and repeats with the same parameters what got no answer, because the answer
// was lost or because the server died. Every answer that left the server goes to the promises, also
// one that its client never saw.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "tests/sim/register.hpp"
#include "tests/sim/run.hpp"
#include "tests/sim/server.hpp"

namespace headrace::sim {

template <class T>
std::optional<queue::Error> error_of(const queue::Result<T>& result) {
  if (result.has_value()) return std::nullopt;
  return result.error();
}

class Clients {
 public:
  explicit Clients(Run& run);

  // From now on calls go to this server.
  void connect(Server& server);
  // The server is about to die: what is open stays without an answer.
  void server_dies();

  void create(const std::string& queue) { create(kWorld, queue); }
  // One client does one thing; nothing when the one drawn is busy.
  void act();
  // Receives from `queue` and deletes what came.
  void drain(const std::string& queue);

  // True when a long poll on this queue has not been answered.
  bool polls(const std::string& queue) const;
  // Q1 and the attributes: what control answers promised about the queues.
  void check(const Inventory& inventory);

 private:
  static constexpr std::size_t kWorld = 0;  // the client the world itself uses: it loses nothing

  struct Held {
    std::string queue;
    Uuid id{};
    int letter = 0;
    std::string handle;
    Moment received = 0;
    bool forged = false;
  };
  struct Client {
    std::deque<Held> held;
    std::function<void()> again;
    bool busy = false;
    std::optional<queue::ReceiveRequest> attempt;  // its last receive that had an attempt id
  };
  struct Call {
    std::size_t client = 0;
    std::string queue;
    Span span;
    std::function<void()> again;
    std::string polls;  // the queue of a long poll
    std::unique_ptr<Cancellation> cancellation;
  };

  // The receives with one attempt id.
  struct Attempt {
    Moment first_call = 0;
    std::set<std::string> handles;
  };

  // A call begins; its answer, if it ever leaves the server, goes to `done` with the finished span.
  // `again` makes the same call.
  Call& begin(std::size_t client, const std::string& queue, std::function<void()> again);
  template <class T, class Done>
  void start(const Call& call, boost::asio::awaitable<T> work, Done done) {
    boost::asio::co_spawn(
        server_->loop(), std::move(work),
        [this, moment = call.span.call, done](std::exception_ptr error, T result) {
          if (error) std::rethrow_exception(error);
          if (server_ != nullptr) done(std::move(result), end(moment));
        });
  }
  Span end(Moment call);

  void send(std::size_t client);
  int letter_for(const std::string& queue);
  queue::SendEntry entry_of(const std::string& queue, int letter) const;
  void send_letters(std::size_t client, const std::string& queue, const std::vector<int>& letters);
  void on_sent(const std::string& queue, const std::vector<int>& letters,
               const queue::Result<std::vector<queue::Result<queue::SendResult>>>& results,
               const Span& span);
  void receive(std::size_t client);
  void try_anew(std::size_t client, queue::ReceiveRequest& request);
  void receive_from(std::size_t client, const queue::ReceiveRequest& request);
  void on_received(std::size_t client, const queue::ReceiveRequest& request,
                   const queue::Result<std::vector<queue::ReceivedMessage>>& messages,
                   const Span& span);
  Delivery delivery_of(const queue::ReceiveRequest& request, const queue::ReceivedMessage& message,
                       const Span& span);
  void keep(std::size_t client, const Delivery& delivery);
  void remove(std::size_t client);
  void remove_held(std::size_t client, const std::vector<Held>& held);
  void on_removed(const std::vector<Held>& held,
                  const queue::Result<std::vector<queue::Status>>& results, const Span& span);
  void change(std::size_t client);
  void redrive(std::size_t client);
  void purge(std::size_t client);
  void define_settings();
  void come_or_go(std::size_t client);
  void create(std::size_t client, const std::string& queue);
  void on_created(const std::string& queue, const queue::Result<queue::QueueAddress>& created,
                  const Span& span);
  void delete_queue(std::size_t client, const std::string& queue);
  void set_attributes(std::size_t client);
  queue::AttributeMap other_attributes(const std::string& queue);
  void cancel_a_poll();

  std::string any_queue(const std::function<bool(const QueueSetup&)>& wanted);
  // Handles of one queue, newest first more often than not; empty when the client holds none.
  std::vector<Held> some_held(std::size_t client);
  // S6, Q1: a forged handle and one of a queue's earlier life are refused.
  void check_handle(const Held& held, const queue::Status& status);
  void on_changed(const std::vector<Held>& held, const std::vector<std::int64_t>& seconds,
                  const queue::Result<std::vector<queue::Status>>& results, const Span& span);
  void change_held(std::size_t client, const std::vector<Held>& held,
                   const std::vector<std::int64_t>& seconds);
  void use(const Held& held, HandleUse::What what, const queue::Status& status, const Span& span);
  // False when the call was refused as a whole. Breaks a promise when that cannot be true.
  bool accepted(const std::string& queue, const std::optional<queue::Error>& error,
                const Span& span);
  // A purge or a deletion of the queue begins, which `mark` says of its letters.
  void mark_letters(const std::string& queue, bool Letter::*mark);
  void check_settings(const std::string& queue, const queue::QueueAttributes& found);
  Settings::Range visibility_of(const queue::ReceiveRequest& request, const Span& span) const;
  // True when one of these is sent without a deduplication id: the body stands for it.
  bool lacks_id(const std::vector<int>& letters) const;
  // The letter whose message a send of letter `number` may have been told of: its twin, while ids
  // may have counted in all groups.
  std::optional<int> told_twin(int number, const Span& span) const;
  void durable(const Span& span) { run_.promises.tell(&Promise::on_durable, span.call); }
  Letter& letter(int number) { return run_.history.letters[static_cast<std::size_t>(number)]; }

  Run& run_;
  Server* server_ = nullptr;
  std::vector<Client> clients_;
  std::map<Moment, Call> calls_;
  std::map<std::string, Register> existence_;  // "yes" or "no"
  std::map<std::string, int> emptying_;        // purges and deletions that are open
  std::map<std::string, int> purging_;         // purges that are open
  std::map<std::string, Moment> deleted_;      // call of the last acknowledged deletion
  std::set<std::string> deletion_asked_;
  std::map<std::string, Attempt> attempts_;
  std::uint64_t attempts_begun_ = 0;
  std::uint64_t receives_begun_ = 0;
  std::uint64_t receives_answered_ = 0;
  std::uint64_t deletes_begun_ = 0;
  std::uint64_t deletes_open_ = 0;
};

}  // namespace headrace::sim
