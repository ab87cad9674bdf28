#include "functions/runtime_seats.hpp"

#include <array>
#include <charconv>

#include "base/codec.hpp"
#include "base/random.hpp"

namespace headrace::functions {

namespace {

// "17-5f3c...": a number to find the seat by, and a secret.
std::string make_token(std::uint64_t number) {
  std::array<std::uint8_t, 16> secret{};
  os_random(secret.data(), secret.size());
  return std::to_string(number) + "-" + hex(secret);
}

std::uint64_t number_of(std::string_view token) {
  std::uint64_t number = 0;
  std::from_chars(token.data(), token.data() + token.size(), number);
  return number;
}

}  // namespace

std::string RuntimeSeats::take(RuntimeLink& link) {
  const std::uint64_t number = ++last_number_;
  std::string token = make_token(number);
  seats_[number] = {&link, token};
  return token;
}

void RuntimeSeats::leave(const std::string& token) { seats_.erase(number_of(token)); }

RuntimeLink* RuntimeSeats::find(std::string_view token) const {
  const auto seat = seats_.find(number_of(token));
  if (seat == seats_.end() || !same_secret(seat->second.token, token)) return nullptr;
  return seat->second.link;
}

}  // namespace headrace::functions
