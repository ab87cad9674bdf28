// CodeStore: the unpacked code of functions, in folders named by the SHA-256 of their Zip.
//
// A folder is whole and durable before it has its name, and never changes after. What no function
// uses any more is removed at the next start, when nobody can be about to use it. Owned by the
// application. Loop thread only; the work is done in the pool.
#pragma once

#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/offload.hpp"
#include "runtime/lambda/error.hpp"

namespace headrace::runtime::lambda {

struct Code {
  std::string sha256;  // of the Zip, hexadecimal
  std::int64_t bytes = 0;
};

class CodeStore {
 public:
  // `folder` is absolute. The pool outlives the store.
  CodeStore(std::string folder, Offload& pool) : folder_(std::move(folder)), pool_(pool) {}

  // Unpacks it, unless that was done before.
  boost::asio::awaitable<Result<Code>> install(std::string zip);

  // Where that code is, or would be.
  std::string folder_of(const std::string& sha256) const { return folder_ + "/" + sha256; }

  // Removes all but these, and what an install has left behind that did not end.
  boost::asio::awaitable<void> keep_only(std::set<std::string> used);

 private:
  Result<Code> install_now(const std::string& zip, const std::string& temporary) const;

  const std::string folder_;
  Offload& pool_;
  std::uint64_t installs_ = 0;
};

// The one shared library in the folder, when nothing else is in it; else empty.
std::string only_library(const std::string& folder);

}  // namespace headrace::runtime::lambda
