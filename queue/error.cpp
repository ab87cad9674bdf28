#include "queue/error.hpp"

#include <stdexcept>

namespace headrace::queue {

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
  throw std::logic_error(std::string(location.file_name()) + ": unchecked error: " + error.message);
}

Error queue_does_not_exist() {
  return Error{ErrorCode::kQueueDoesNotExist, "The specified queue does not exist."};
}

Error too_many_tags(const std::string& queue_name) {
  return Error{ErrorCode::kInvalidParameterValue,
               "Too many tags added for queue " + queue_name + "."};
}

Error invalid_parameter(const std::string& value, const char* parameter,
                        const std::string& reason) {
  return Error{ErrorCode::kInvalidParameterValue,
               "Value " + value + " for parameter " + parameter + " is invalid. Reason: " + reason};
}

Error missing_parameter(const std::string& parameter) {
  return Error{ErrorCode::kMissingParameter,
               "The request must contain the parameter " + parameter + "."};
}

}  // namespace headrace::queue
