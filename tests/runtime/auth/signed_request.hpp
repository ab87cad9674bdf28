// Requests for the tests of signatures: made from parts, and signed as a client signs them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/http.hpp"
#include "runtime/auth/sigv4.hpp"

namespace headrace::runtime {

using Fields = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct SignedParts {
  std::string method;
  std::string path;
  std::string query;
  Fields headers;
  std::string body;
};

// The views point into its head.
HttpRequest to_request(const SignedParts& parts);
HttpRequest request_with(std::string method, std::string path, std::string query, Fields headers,
                         std::string body);

// With its Authorization header: all headers are signed. They hold host and x-amz-date.
SignedParts sign_parts(SignedParts parts, const std::string& secret, const CredentialScope& scope);

// Every text that is not empty.
std::vector<std::string*> all_texts(SignedParts& parts);

}  // namespace headrace::runtime
