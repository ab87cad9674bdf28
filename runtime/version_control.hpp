// VersionControl: the versions of functions, as the API of functions sees them.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "runtime/version_history.hpp"

namespace headrace::runtime {

class VersionControl {
 public:
  // nullptr when there is no native function of this name: others have no versions.
  virtual const VersionHistory* history(std::string_view function) const = 0;

  // Back to the version that served before, or to the one whose hash begins with `version`; it
  // serves when this returns. An error changed nothing.
  virtual boost::asio::awaitable<Result<FunctionVersion>> roll_back(std::string function,
                                                                    std::string version) = 0;

 protected:
  ~VersionControl() = default;
};

}  // namespace headrace::runtime
