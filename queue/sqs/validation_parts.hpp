// What several of the validate() functions need.
#pragma once

#include <string>
#include <string_view>

#include "queue/sqs/validation.hpp"

namespace headrace::queue::sqs {

inline constexpr std::string_view kFifoSuffix = ".fifo";

inline Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidParameterValue, std::move(message)};
}

inline bool is_blank(const Text& text) { return !text || text->empty(); }

// Of letters, digits, hyphens and underscores, 1 to `length_max` of them.
bool is_plain_name(std::string_view text, std::size_t length_max);

// An absent value fits.
Status check_range(const Integer& value, std::int64_t min, std::int64_t max, const char* parameter,
                   const char* reason);

// A call of which nothing is known but which queue it is for.
template <class Call>
Result<Call> validate_queue_only(const Text& queue_url, const Caller& caller) {
  auto address = locate(queue_url, caller);
  if (!address) return address.error();
  Call call;
  call.request.address = std::move(*address);
  return call;
}

}  // namespace headrace::queue::sqs
