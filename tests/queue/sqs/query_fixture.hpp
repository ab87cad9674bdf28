// The SQS fixture for callers of the Query protocol.
#pragma once

#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {

class QueryFixture : public SqsFixture {
 protected:
  // A form posted to the service, or to another path.
  HttpResponse post(const std::string& form, const std::string& path = "/");
  HttpResponse get(const std::string& path, const std::string& query, const Headers& more = {});

  // The whole XML of an answer to the response's own request id; without a result when it is empty.
  static std::string answer(const HttpResponse& response, const std::string& action,
                            const std::string& result);
  static std::string error(const HttpResponse& response, const std::string& type,
                           const std::string& code, const std::string& message);
};

}  // namespace headrace::queue::sqs
