#include "runtime/history.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <new>

#include "base/log.hpp"

namespace headrace::runtime {

// The half that lives on the history's thread.
class History::Keeper {
 public:
  explicit Keeper(HistoryOptions options) : options_(std::move(options)) {}

  // How many rows were lost. Without memory all of them, and what had begun ends with the store.
  std::size_t write(const HistoryChunk& chunk, TimePoint now) {
    try {
      return try_write(chunk, now);
    } catch (const std::bad_alloc&) {
      store_.reset();
      return chunk.count;
    }
  }

  Result<MessageLife> find(const LifeQuery& query) {
    try {
      return try_find(query);
    } catch (const std::bad_alloc&) {
      return Error{ErrorCode::kIo, "out of memory"};
    }
  }

  void close() { store_.reset(); }

 private:
  std::size_t try_write(const HistoryChunk& chunk, TimePoint now) {
    const HistoryStore::Bounds bounds{now - options_.keep, options_.bytes_max};
    Status done = open();
    if (done) done = store_->write(chunk, bounds);
    if (!done && done.error().code == ErrorCode::kCorrupt) {
      set_aside(done.error());
      done = open();
      if (done) done = store_->write(chunk, bounds);
    }
    if (!done && !failing_) {
      log_warning("history not written, its rows are lost path={} reason={}", options_.path,
                  done.error().message);
    }
    failing_ = !done;
    return done ? 0 : chunk.count;
  }

  Result<MessageLife> try_find(const LifeQuery& query) {
    if (const Status opened = open(); !opened) return opened.error();
    Result<MessageLife> life = store_->find(query);
    if (!life && life.error().code == ErrorCode::kCorrupt) set_aside(life.error());
    return life;
  }

  Status open() {
    if (store_) return {};
    auto opened = HistoryStore::open(options_.path);
    if (!opened && opened.error().code == ErrorCode::kCorrupt) {
      set_aside(opened.error());
      opened = HistoryStore::open(options_.path);
    }
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return {};
  }

  // The newest damaged one is kept for who wants to look at it.
  void set_aside(const Error& reason) {
    store_.reset();
    if (options_.path.empty()) return;
    const std::string aside = options_.path + ".damaged";
    log_warning("history set aside, a new one begins path={} now={} reason={}", options_.path,
                aside, reason.message);
    std::error_code ignored;  // what is left in the way fails the next open
    std::filesystem::rename(options_.path, aside, ignored);
    for (const char* beside : {"-wal", "-shm"}) {
      std::filesystem::remove(options_.path + beside, ignored);
    }
  }

  const HistoryOptions options_;
  std::unique_ptr<HistoryStore> store_;
  bool failing_ = false;
};

History::History(std::unique_ptr<Offload> thread, Clock& clock, MetricsRegistry& metrics,
                 HistoryOptions options)
    : clock_(clock),
      rows_written_(metrics.counter("headrace_history_rows_total",
                                    "Invocations and moves written to the history.")),
      rows_dropped_(
          metrics.counter("headrace_history_dropped_rows_total",
                          "Invocations and moves that the history could not take or write.")),
      pending_bytes_max_(std::min(
          kPendingBytesMax, static_cast<std::size_t>(options.bytes_max / kPendingShareOfAll))),
      keeper_(std::make_unique<Keeper>(std::move(options))),
      thread_(std::move(thread)) {}

History::~History() {
  if (timer_) clock_.cancel(*timer_);
}

void History::record(const InvocationRow& row) { add(row); }

void History::message_moved(const queue::MessageMove& move) {
  try {
    add(row_of(move));
  } catch (const std::bad_alloc&) {
    rows_dropped_.add();
  }
}

template <class Row>
void History::add(const Row& row) {
  const std::size_t before = pending_.rows.size();
  if (before >= pending_bytes_max_) return rows_dropped_.add();
  try {
    pending_.add(row);
  } catch (const std::bad_alloc&) {
    pending_.rows.resize(before);
    return rows_dropped_.add();
  }
  write_soon();
}

void History::write_soon() {
  if (pending_.empty() || writing_ > 0) return;
  if (pending_.rows.size() >= kWrittenAtOnceBytes) return write();
  if (timer_) return;
  try {
    timer_ = clock_.call_at(clock_.now() + kWriteDelay, [this] {
      timer_.reset();
      if (writing_ == 0) write();
    });
  } catch (const std::bad_alloc&) {  // the next row tries again
  }
}

void History::write() {
  if (pending_.empty()) return;
  std::shared_ptr<HistoryChunk> chunk;
  try {
    const auto lost = std::make_shared<std::size_t>(0);
    chunk = std::make_shared<HistoryChunk>();
    *chunk = std::exchange(pending_, {});
    const auto work = [keeper = keeper_.get(), chunk, lost, now = clock_.now()] {
      *lost = keeper->write(*chunk, now);
    };
    thread_->run(work, [this, chunk, lost] { written(chunk->count, *lost); });
    writing_ += 1;
  } catch (const std::bad_alloc&) {  // the rows wait for the next that is told
    if (pending_.empty() && chunk) pending_ = std::move(*chunk);
  }
}

void History::written(std::size_t rows, std::size_t lost) {
  writing_ -= 1;
  rows_written_.add(rows - lost);
  rows_dropped_.add(lost);
  write_soon();
}

boost::asio::awaitable<Result<MessageLife>> History::find(LifeQuery query) {
  Result<MessageLife> life = Error{ErrorCode::kUnavailable, "the history is closed"};
  if (closed_) co_return life;
  write();
  const std::function<void()> work = [this, &life, &query] { life = keeper_->find(query); };
  co_await thread_->carry_out(work);
  co_return life;
}

boost::asio::awaitable<void> History::close() {
  closed_ = true;
  write();
  const std::function<void()> work = [this] { keeper_->close(); };
  co_await thread_->carry_out(work);
}

}  // namespace headrace::runtime
