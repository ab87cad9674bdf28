#include "runtime/lambda/function_writes.hpp"

#include <functional>
#include <utility>

namespace headrace::runtime::lambda {

namespace {

HttpResponse to_answer(int status, const FunctionRecord& record, const FunctionName& name) {
  std::string body;
  JsonWriter out(body);
  write_function(out, record, name.unqualified_arn(), FunctionForm::kWhole);
  return json_response(status, std::move(body));
}

Answer refuse_upload() {
  co_return Error{
      ErrorCode::kAccessDenied,
      "This server takes functions over its port only where server.auth is required, or "
      "server.function_uploads is true (--function-uploads): their code runs as its "
      "user."};
}

Error not_read() { return {ErrorCode::kServiceUnavailable, "not read"}; }

}  // namespace

void FunctionWrites::add_routes(Routes& routes) {
  using Operation = Answer (FunctionWrites::*)(Call);
  const auto add = [&](const char* method, const char* path, Operation operation) {
    routes.add(method, path, [this, operation](Call call) {
      return services_.allowed ? (this->*operation)(std::move(call)) : refuse_upload();
    });
  };
  add("POST", "/2015-03-31/functions", &FunctionWrites::create);
  add("PUT", "/2015-03-31/functions/*/code", &FunctionWrites::update_code);
  add("PUT", "/2015-03-31/functions/*/configuration", &FunctionWrites::update_configuration);
  add("DELETE", "/2015-03-31/functions/*", &FunctionWrites::remove);
}

Answer FunctionWrites::create(Call call) {
  const Scope& home = services_.catalog.home();
  if (call.caller != home) {
    co_return invalid_parameter("The functions of this server are those of account " +
                                home.account + " in " + home.region + ".");
  }
  Result<NewFunction> made = not_read();
  const std::function<void()> read = [&] {
    made = read_create_function(call.request.body, call.caller);
  };
  co_await services_.pool.carry_out(read);
  if (!made) co_return made.error();
  Result<FunctionRecord> record = co_await services_.store.create(std::move(*made));
  if (!record) co_return record.error();
  const FunctionName name{home, record->name, std::string()};
  co_return to_answer(201, *record, name);
}

Answer FunctionWrites::update_code(Call call) {
  const Result<Named> named = services_.catalog.find(call);
  if (!named) co_return named.error();
  Result<NewCode> code = not_read();
  const std::function<void()> read = [&] { code = read_update_code(call.request.body); };
  co_await services_.pool.carry_out(read);
  if (!code) co_return code.error();
  std::string name = named->name.name;
  const Result<FunctionRecord> record =
      co_await services_.store.update_code(std::move(name), std::move(*code));
  if (!record) co_return record.error();
  co_return to_answer(200, *record, named->name);
}

Answer FunctionWrites::update_configuration(Call call) {
  const Result<Named> named = services_.catalog.find(call);
  if (!named) co_return named.error();
  FunctionRecord before = services_.catalog.describe(*named->function);
  Result<FunctionRecord> wanted = read_update_configuration(call.request.body, std::move(before));
  if (!wanted) co_return wanted.error();
  const Result<FunctionRecord> record =
      co_await services_.store.update_configuration(std::move(*wanted));
  if (!record) co_return record.error();
  co_return to_answer(200, *record, named->name);
}

Answer FunctionWrites::remove(Call call) {
  const Result<Named> named = services_.catalog.find(call);
  if (!named) co_return named.error();
  if (!named->name.qualifier.empty()) {
    co_return invalid_parameter("$LATEST version cannot be deleted without deleting the function.");
  }
  std::string name = named->name.name;
  const Status removed = co_await services_.store.remove(std::move(name));
  if (!removed) co_return removed.error();
  co_return empty_response(204);
}

}  // namespace headrace::runtime::lambda
