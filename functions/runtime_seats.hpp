// RuntimeSeats: which worker a caller of the Runtime API is. Each worker has a secret token, the
// first segment of its paths; nobody else on this machine may speak for it. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace headrace::functions {

class RuntimeLink;

class RuntimeSeats {
 public:
  // The token of a new seat. `link` leaves it before it dies.
  std::string take(RuntimeLink& link);
  void leave(const std::string& token);

  // nullptr when the token is nobody's. Tells nothing of a secret by the time it takes.
  RuntimeLink* find(std::string_view token) const;

 private:
  struct Seat {
    RuntimeLink* link = nullptr;
    std::string token;
  };
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Seat> seats_;  // by the number that begins the token
};

}  // namespace headrace::functions
