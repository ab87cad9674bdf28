#include "runtime/lambda/mapping_api.hpp"

#include <utility>
#include <vector>

#include "runtime/lambda/mapping_request.hpp"
#include "runtime/lambda/members.hpp"
#include "runtime/lambda/page.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr const char* kRoot = "/2015-03-31/event-source-mappings";
constexpr const char* kOne = "/2015-03-31/event-source-mappings/*";

HttpResponse to_answer(int status, const ShownMapping& mapping) {
  std::string body;
  JsonWriter out(body);
  write_mapping(out, mapping.record, mapping.state);
  return json_response(status, std::move(body));
}

Error no_such_queue() {
  return invalid_parameter(
      "Error occurred while ReceiveMessage. SQS Error Code: "
      "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not "
      "exist.");
}

}  // namespace

void MappingApi::add_routes(Routes& routes) {
  routes.add("POST", kRoot, [this](Call call) { return create(std::move(call)); });
  routes.add("GET", kRoot, [this](Call call) { return list(std::move(call)); });
  routes.add("GET", kOne, [this](Call call) { return get(std::move(call)); });
  routes.add("PUT", kOne, [this](Call call) { return update(std::move(call)); });
  routes.add("DELETE", kOne, [this](Call call) { return remove(std::move(call)); });
}

Answer MappingApi::create(Call call) {
  const Result<JsonDocument> body = parse_small_object(call.request.body);
  if (!body) co_return body.error();
  Result<MappingRecord> record = read_create_mapping(body->root(), call.caller);
  if (!record) co_return record.error();
  const Status allowed = co_await check(*record, call);
  if (!allowed) co_return allowed.error();
  const Result<ShownMapping> created = co_await services_.mappings.create(std::move(*record));
  if (!created) co_return created.error();
  co_return to_answer(202, *created);
}

// What only queue and function can tell. The call outlives the check.
boost::asio::awaitable<Status> MappingApi::check(MappingRecord record, const Call& call) {
  const Result<Named> function = services_.catalog.find(record.function);
  const Scope& scope = record.function.scope;
  if (!function || !may_reach(call, scope)) co_return invalid_parameter("Function does not exist");
  if (record.queue.region != scope.region) {
    co_return invalid_parameter("The queue must be in the region of the function.");
  }
  if (!may_reach(call, Scope{record.queue.region, record.queue.account})) {
    co_return Error{ErrorCode::kAccessDenied, "The queue belongs to another account."};
  }
  const Duration timeout = function->function->config().timeout;
  const auto queue = co_await services_.broker.describe_queue(record.queue);
  if (!queue) co_return no_such_queue();
  co_return check_queue(record, *queue, timeout);
}

Result<ShownMapping> MappingApi::find(const Call& call) const {
  Result<ShownMapping> mapping = services_.mappings.find(call.path.front());
  if (mapping && mapping->record.function.scope != call.caller) {
    return Error{ErrorCode::kResourceNotFound, "The resource you requested does not exist."};
  }
  return mapping;
}

Answer MappingApi::get(Call call) {
  const Result<ShownMapping> mapping = find(call);
  if (!mapping) co_return mapping.error();
  co_return to_answer(200, *mapping);
}

Answer MappingApi::list(Call call) {
  const Result<Page> page = read_page(call, kMappingsPerPageMax);
  if (!page) co_return page.error();
  const std::string_view source = call.parameter("EventSourceArn");
  std::string function;
  if (const std::string_view name = call.parameter("FunctionName"); !name.empty()) {
    const Result<FunctionName> parsed = parse_function_name(name, call.caller);
    if (!parsed) co_return parsed.error();
    function = parsed->arn();
  }
  std::vector<ShownMapping> wanted = services_.mappings.list();
  std::erase_if(wanted, [&](const ShownMapping& mapping) {
    const MappingRecord& record = mapping.record;
    return record.function.scope != call.caller ||
           (!source.empty() && to_arn(record.queue) != source) ||
           (!function.empty() && record.function.arn() != function);
  });
  const auto key = [](const ShownMapping& mapping) { return mapping.record.uuid; };
  const auto write = [](JsonWriter& out, const ShownMapping& mapping) {
    write_mapping(out, mapping.record, mapping.state);
  };
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_page(out, "EventSourceMappings", *page, wanted, key, write);
  out.end_object();
  co_return json_response(200, std::move(text));
}

Answer MappingApi::update(Call call) {
  const Result<ShownMapping> mapping = find(call);
  if (!mapping) co_return mapping.error();
  const Result<JsonDocument> body = parse_small_object(call.request.body);
  if (!body) co_return body.error();
  Result<MappingRecord> record = read_update_mapping(body->root(), mapping->record, call.caller);
  if (!record) co_return record.error();
  if (record->origin == Origin::kApi) {
    const Status allowed = co_await check(*record, call);
    if (!allowed) co_return allowed.error();
  }
  const Result<ShownMapping> updated = co_await services_.mappings.update(std::move(*record));
  if (!updated) co_return updated.error();
  co_return to_answer(202, *updated);
}

Answer MappingApi::remove(Call call) {
  const Result<ShownMapping> mapping = find(call);
  if (!mapping) co_return mapping.error();
  std::string uuid = mapping->record.uuid;
  const Result<ShownMapping> removed = co_await services_.mappings.remove(std::move(uuid));
  if (!removed) co_return removed.error();
  co_return to_answer(202, *removed);
}

}  // namespace headrace::runtime::lambda
