#include "base/error.hpp"

#include <cstring>
#include <stdexcept>

namespace headrace {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "invalid";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kExists: return "exists";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kCorrupt: return "corrupt";
  }
  return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
  throw std::logic_error(std::string(location.file_name()) + ": unchecked error: " + error.message);
}

Error system_error(const char* operation, const std::string& subject, int error_number) {
  return Error{ErrorCode::kIo,
               std::string(operation) + " " + subject + ": " + std::strerror(error_number)};
}

}  // namespace headrace
