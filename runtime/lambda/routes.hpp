// Which operation of the Lambda API a method and a path mean, and what such an operation is given.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "runtime/lambda/error.hpp"
#include "runtime/lambda/function_name.hpp"

namespace headrace::runtime::lambda {

// One request, read as far as all operations read it.
struct Call {
  HttpRequest request;
  std::string request_id;
  Scope caller;                              // whose functions and mappings bare names are
  std::vector<std::string> path;             // what stands for each "*" of the route, decoded
  std::map<std::string, std::string> query;  // decoded
  std::string_view parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
  }
};

using Answer = boost::asio::awaitable<Result<HttpResponse>>;

class Routes {
 public:
  using Run = std::function<Answer(Call call)>;

  struct Match {
    const Run* run;
    std::vector<std::string> path;
  };

  // "/2015-03-31/functions/*/invocations"; a star stands for one segment.
  void add(std::string_view method, std::string_view pattern, Run run);

  // Nothing when there is no such operation, or the path is escaped badly.
  std::optional<Match> find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Run run;
  };
  std::vector<Route> routes_;
};

// The first segments of all paths of the Lambda API, each a date: "/2015-03-31".
const std::vector<std::string>& api_roots();

// Whether a path is for the Lambda API.
bool is_api_path(std::string_view path);

// "a=1&b" as names and values; nothing when it is escaped badly. Of a name given twice, the first.
std::optional<std::map<std::string, std::string>> read_query(std::string_view query);

}  // namespace headrace::runtime::lambda
