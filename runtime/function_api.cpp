#include "runtime/function_api.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "functions/records_reader.hpp"
#include "runtime/batch_outcome.hpp"
#include "runtime/json_answers.hpp"

namespace headrace::runtime {

namespace {

// More would hold up the loop for too long (design 8.7).
constexpr std::size_t kDoneInPlaceMax = std::size_t{64} << 10;

constexpr std::string_view kRoot = "/_headrace/functions";

// "/_headrace/functions/welcome-email/invoke"; parts that are not there are empty.
struct FunctionPath {
  std::string_view name;
  std::string_view verb;
};

FunctionPath parse_path(std::string_view path) {
  path.remove_prefix(std::min(kRoot.size() + 1, path.size()));
  const std::size_t slash = std::min(path.find('/'), path.size());
  return {path.substr(0, slash), path.substr(std::min(slash + 1, path.size()))};
}

}  // namespace

struct FunctionApi::Route {
  std::string_view verb;
  std::string_view method;
  Answer (FunctionApi::*run)(functions::Function& function, std::string body);
};

// nullptr when there is no such verb.
const FunctionApi::Route* FunctionApi::find_route(std::string_view verb) {
  static const std::vector<Route> all = {{"", "GET", &FunctionApi::show},
                                         {"invoke", "POST", &FunctionApi::invoke},
                                         {"rollback", "POST", &FunctionApi::roll_back}};
  const auto found = std::find_if(all.begin(), all.end(),
                                  [verb](const Route& route) { return route.verb == verb; });
  return found == all.end() ? nullptr : &*found;
}

FunctionApi::Answer FunctionApi::handle(HttpRequest request, Cancellation&) {
  const bool all = request.path == kRoot;
  const FunctionPath path = parse_path(request.path);
  const Route* route = find_route(path.verb);
  if (!all && route == nullptr) co_return json_refusal(404, "There is nothing at this path.");
  std::optional<HttpResponse> refused = refuse_method(request, all ? "GET" : route->method);
  if (refused) co_return std::move(*refused);
  if (all) co_return json_answer(render_functions(services_.functions));
  const auto function = services_.functions.find(path.name);
  if (function == services_.functions.end()) {
    co_return json_refusal(404, "There is no function of this name.");
  }
  HttpResponse response = co_await (this->*route->run)(*function->second, std::move(request.body));
  co_return response;
}

FunctionApi::Answer FunctionApi::show(functions::Function& function, std::string) {
  const VersionHistory* history = services_.versions.history(function.config().name);
  co_return json_answer(render_function(function, history));
}

FunctionApi::Answer FunctionApi::roll_back(functions::Function& function, std::string body) {
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) co_return json_refusal(400, document.error().message);
  const auto member = document->root().find("version");
  const std::string wanted(member ? member->as_string().value_or("") : "");
  const std::string name = function.config().name;
  const Result<FunctionVersion> version = co_await services_.versions.roll_back(name, wanted);
  if (!version) {
    const int status = version.error().code == ErrorCode::kNotFound ? 404 : 409;
    co_return json_refusal(status, version.error().message);
  }
  co_return json_answer(render_version(*version));
}

// While the event is read the function may be removed, not once it is asked for a slot.
FunctionApi::Answer FunctionApi::invoke(functions::Function& named, std::string body) {
  const std::string name = named.config().name;
  if (body.size() > kEventBytesMax) {
    co_return json_refusal(413, "An event must not be larger than 6291456 bytes.");
  }
  Result<functions::Event> event = Error{ErrorCode::kCancelled, "not read"};
  const std::function<void()> read = [&] { event = functions::read_records_event(body); };
  co_await work_on(body.size(), read);
  if (!event) co_return json_refusal(400, event.error().message);
  const auto found = services_.functions.find(name);
  if (found == services_.functions.end()) {
    co_return json_refusal(404, "There is no function of this name.");
  }
  functions::Function& function = *found->second;
  if (function.running() >= function.limit()) {
    co_return json_refusal(429, "All that may run at one time are running.");
  }
  Result<functions::Slot> slot = co_await function.acquire_slot();
  if (!slot) co_return json_refusal(503, slot.error().message);

  const functions::FunctionConfig config = function.config();
  functions::Invocation invocation;
  invocation.request_id = headrace::to_string(services_.random.uuid());
  invocation.event = &*event;
  const std::string request_id = invocation.request_id;
  const functions::InvocationResult result =
      co_await function.invoke(std::move(*slot), std::move(invocation));
  std::string text;
  std::vector<std::string> lines;
  const std::function<void()> render = [&] {
    const BatchOutcome outcome = judge(*event, result, ItemFailures::kReported);
    const InvocationReport report{request_id, config, *event, result, outcome};
    lines = report_lines(report);
    text = render_invocation(report, lines);
  };
  co_await work_on(body.size() + result.payload.size(), render);
  for (const std::string& line : lines) services_.logs.append(config.name, line);
  co_return json_answer(std::move(text));
}

boost::asio::awaitable<void> FunctionApi::work_on(std::size_t bytes,
                                                  const std::function<void()>& work) {
  if (bytes <= kDoneInPlaceMax) {
    work();
  } else {
    co_await services_.pool.carry_out(work);
  }
}

}  // namespace headrace::runtime
