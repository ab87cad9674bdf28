// Whether a server asks who sends its requests.
#pragma once

namespace headrace::runtime {

enum class AuthMode {
  kNone,      // signatures are not looked at
  kOptional,  // one that is there must be right
  kRequired,
};

}  // namespace headrace::runtime
