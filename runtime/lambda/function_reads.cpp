#include "runtime/lambda/function_reads.hpp"

#include <utility>

#include "base/json_writer.hpp"
#include "runtime/lambda/page.hpp"

namespace headrace::runtime::lambda {

namespace {

// AWS's limits of an account, as a fresh one has them.
constexpr std::int64_t kTotalCodeBytes = 80'530'636'800;
constexpr std::int64_t kUnzippedBytes = 262'144'000;
constexpr std::int64_t kZippedBytes = 52'428'800;
constexpr std::int64_t kConcurrentExecutions = 1000;

Answer answer_read(Result<std::string> body) {
  if (!body) co_return body.error();
  co_return json_response(200, std::move(*body));
}

void write_tags(JsonWriter& out, const FunctionRecord& record) {
  out.key("Tags").begin_object();
  for (const auto& [name, value] : record.tags) out.member(name, value);
  out.end_object();
}

std::string latest_arn(FunctionName name) {
  name.qualifier = kLatest;
  return name.arn();
}

}  // namespace

void FunctionReads::add(Routes& routes, std::string_view pattern, Read read) {
  routes.add("GET", pattern,
             [this, read](const Call& call) { return answer_read((this->*read)(call)); });
}

void FunctionReads::add_routes(Routes& routes) {
  using Self = FunctionReads;
  add(routes, "/2015-03-31/functions", &Self::list_functions);
  add(routes, "/2015-03-31/functions/*", &Self::get_function);
  add(routes, "/2015-03-31/functions/*/configuration", &Self::get_configuration);
  add(routes, "/2015-03-31/functions/*/versions", &Self::list_versions);
  add(routes, "/2015-03-31/functions/*/aliases", &Self::list_aliases);
  add(routes, "/2015-03-31/functions/*/policy", &Self::none_there);
  add(routes, "/2016-08-19/account-settings", &Self::account_settings);
  add(routes, "/2017-03-31/tags/*", &Self::list_tags);
  add(routes, "/2019-09-25/functions/*/event-invoke-config", &Self::event_invoke_config);
  add(routes, "/2019-09-30/functions/*/concurrency", &Self::concurrency);
  add(routes, "/2019-09-30/functions/*/provisioned-concurrency", &Self::provisioned_concurrency);
  add(routes, "/2020-06-30/functions/*/code-signing-config", &Self::code_signing);
  add(routes, "/2021-07-20/functions/*/runtime-management-config", &Self::runtime_management);
  add(routes, "/2021-10-31/functions/*/url", &Self::none_there);
  add(routes, "/2021-10-31/functions/*/urls", &Self::list_urls);
  add(routes, "/2024-08-31/functions/*/recursion-config", &Self::recursion);
}

Result<std::string> FunctionReads::get_function(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("Configuration");
  write_function(out, catalog_.describe(*named->function), named->name.arn(), FunctionForm::kWhole);
  out.key("Code").begin_object().member("RepositoryType", "S3").end_object();
  const FunctionRecord record = catalog_.describe(*named->function);
  if (!record.tags.empty()) write_tags(out, record);
  out.end_object();
  return body;
}

Result<std::string> FunctionReads::get_configuration(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter out(body);
  write_function(out, catalog_.describe(*named->function), named->name.arn(), FunctionForm::kWhole);
  return body;
}

Result<std::string> FunctionReads::list_functions(const Call& call) const {
  const Result<Page> page = read_page(call, kFunctionsPerPageMax);
  if (!page) return page.error();
  const std::string_view version = call.parameter("FunctionVersion");
  if (!version.empty() && version != "ALL") {
    return validation_error(version, "functionVersion", "satisfy enum value set: [ALL]");
  }
  const auto key = [](const FunctionRecord& record) { return record.name; };
  const auto write = [&](JsonWriter& out, const FunctionRecord& record) {
    const FunctionName name{call.caller, record.name, std::string(version.empty() ? "" : kLatest)};
    write_function(out, record, name.arn(), FunctionForm::kListed);
  };
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  write_page(out, "Functions", *page, catalog_.list(call.caller), key, write);
  out.end_object();
  return body;
}

Result<std::string> FunctionReads::list_versions(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("Versions").begin_array();
  write_function(out, catalog_.describe(*named->function), latest_arn(named->name),
                 FunctionForm::kListed);
  out.end_array().end_object();
  return body;
}

Result<std::string> FunctionReads::account_settings(const Call& call) const {
  const std::vector<FunctionRecord> all = catalog_.list(call.caller);
  std::int64_t code_bytes = 0;
  for (const FunctionRecord& record : all) code_bytes += record.code_bytes;
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("AccountLimit").begin_object();
  out.member("TotalCodeSize", kTotalCodeBytes).member("CodeSizeUnzipped", kUnzippedBytes);
  out.member("CodeSizeZipped", kZippedBytes).member("ConcurrentExecutions", kConcurrentExecutions);
  out.member("UnreservedConcurrentExecutions", kConcurrentExecutions).end_object();
  out.key("AccountUsage").begin_object().member("TotalCodeSize", code_bytes);
  out.member("FunctionCount", all.size()).end_object().end_object();
  return body;
}

Result<std::string> FunctionReads::code_signing(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter(body).begin_object().member("FunctionName", named->name.name).end_object();
  return body;
}

Result<std::string> FunctionReads::runtime_management(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter(body)
      .begin_object()
      .member("UpdateRuntimeOn", "Auto")
      .member("FunctionArn", latest_arn(named->name))
      .end_object();
  return body;
}

Result<std::string> FunctionReads::recursion(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return R"({"RecursiveLoop":"Allow"})";
}

Result<std::string> FunctionReads::concurrency(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return "{}";
}

Result<std::string> FunctionReads::provisioned_concurrency(const Call& call) const {
  if (call.parameter("List") != "ALL") return none_there(call);
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return R"({"ProvisionedConcurrencyConfigs":[]})";
}

Result<std::string> FunctionReads::event_invoke_config(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return Error{ErrorCode::kResourceNotFound,
               "The function " + latest_arn(named->name) + " doesn't have an EventInvokeConfig"};
}

Result<std::string> FunctionReads::list_aliases(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return R"({"Aliases":[]})";
}

Result<std::string> FunctionReads::list_urls(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return R"({"FunctionUrlConfigs":[]})";
}

Result<std::string> FunctionReads::list_tags(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  write_tags(out, catalog_.describe(*named->function));
  out.end_object();
  return body;
}

Result<std::string> FunctionReads::none_there(const Call& call) const {
  const Result<Named> named = catalog_.find(call);
  if (!named) return named.error();
  return Error{ErrorCode::kResourceNotFound, "The resource you requested does not exist."};
}

}  // namespace headrace::runtime::lambda
