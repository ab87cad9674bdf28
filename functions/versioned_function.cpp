#include "functions/versioned_function.hpp"

#include <utility>

namespace headrace::functions {
namespace asio = boost::asio;

struct VersionedFunction::Generation {
  std::unique_ptr<Function> function;
  std::size_t users = 0;
  WaitList unused;
};

// Keeps a generation: a slot of it is out, or somebody waits for one.
class VersionedFunction::Use {
 public:
  explicit Use(Generation& generation) : generation_(&generation) { ++generation.users; }
  Use(Use&& other) noexcept : generation_(std::exchange(other.generation_, nullptr)) {}
  Use& operator=(Use&&) = delete;
  ~Use() {
    if (generation_ == nullptr) return;
    --generation_->users;
    if (generation_->users == 0) generation_->unused.notify_all();
  }

  bool of(const std::unique_ptr<Generation>& generation) const {
    return generation_ == generation.get();
  }
  Function& function() const { return *generation_->function; }

 private:
  Generation* generation_;
};

struct VersionedFunction::Lent {
  Use use;
  Slot slot;  // of the version; given back before `use` ends
};

VersionedFunction::VersionedFunction(asio::any_io_executor executor,
                                     std::unique_ptr<Function> first)
    : current_(std::make_unique<Generation>()), tasks_(std::move(executor)) {
  current_->function = std::move(first);
}

VersionedFunction::~VersionedFunction() = default;

void VersionedFunction::replace(std::unique_ptr<Function> next) {
  auto generation = std::make_unique<Generation>();
  generation->function = std::move(next);
  std::swap(generation, current_);
  tasks_.spawn("retire " + config().name, retire(std::move(generation)));
}

// Its waiters are refused first, and come to the version after it.
asio::awaitable<void> VersionedFunction::retire(std::unique_ptr<Generation> old) {
  co_await old->function->stop();
  while (old->users > 0) co_await old->unused.wait();
}

asio::awaitable<Result<Slot>> VersionedFunction::acquire_slot() {
  for (;;) {
    Use use(*current_);
    Result<Slot> slot = co_await use.function().acquire_slot();
    if (slot) {
      const std::uint64_t id = ++last_id_;
      lent_.emplace(id, Lent{std::move(use), std::move(*slot)});
      co_return Slot(*this, id);
    }
    if (use.of(current_)) co_return slot.error();
  }
}

asio::awaitable<InvocationResult> VersionedFunction::invoke(Slot slot, Invocation invocation) {
  const Slot held = std::move(slot);
  Lent& lent = lent_.at(held.id());
  Function& function = lent.use.function();
  InvocationResult result = co_await function.invoke(std::move(lent.slot), std::move(invocation));
  result.version = function.config().version;
  co_return result;
}

void VersionedFunction::give_back(std::uint64_t slot_id) { lent_.erase(slot_id); }

void VersionedFunction::begin_stop() { current_->function->begin_stop(); }

asio::awaitable<void> VersionedFunction::stop() {
  co_await current_->function->stop();
  while (current_->users > 0) co_await current_->unused.wait();
  co_await tasks_.join();
}

const FunctionConfig& VersionedFunction::config() const { return current_->function->config(); }

std::size_t VersionedFunction::limit() const { return current_->function->limit(); }

}  // namespace headrace::functions
