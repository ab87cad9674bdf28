// A whole server in memory on a free port, its loop on a thread: what the verbs talk to in tests.
#pragma once

#include <memory>
#include <string>

namespace headrace::runtime {

class LocalServer {
 public:
  LocalServer();
  ~LocalServer();

  const std::string& url() const { return url_; }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string url_;
};

}  // namespace headrace::runtime
