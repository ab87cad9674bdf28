// Expected failures are values. Each room that needs finer names has an error type of its own
// (queue/error.hpp has AWS's); this one serves files, text and everything below them.
#pragma once

#include <string>

#include <boost/system/result.hpp>

namespace headrace {

enum class ErrorCode {
  kInvalid,      // the input breaks a rule; the message says which
  kNotFound,     // the thing named does not exist
  kExists,       // the thing exists already, or is held by somebody else
  kUnavailable,  // try again later
  kTimeout,      // the deadline passed
  kCancelled,    // whoever asked went away
  kIo,           // the operating system said no
  kCorrupt,      // stored bytes are not what was written
};

// The words for a code, as logs print it: "not_found".
const char* to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string message;  // one sentence for the person who reads it; no secrets
};

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

// Called by Result::value() on an error: asking for a value that is not there is a bug.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

// Error for a failed system call: the operation, what it acted on, and errno's text.
Error system_error(const char* operation, const std::string& subject, int error_number);

}  // namespace headrace
