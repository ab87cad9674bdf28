#include "runtime/lambda/function_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec.hpp"
#include "runtime/lambda/archive.hpp"
#include "runtime/lambda/members.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr const char* kNotSupported = "is not supported by headrace.";

// Variables that Lambda sets itself (AWS, "Defined runtime environment variables").
constexpr std::array<std::string_view, 15> kReservedVariables = {"_HANDLER",
                                                                 "_X_AMZN_TRACE_ID",
                                                                 "AWS_DEFAULT_REGION",
                                                                 "AWS_REGION",
                                                                 "AWS_EXECUTION_ENV",
                                                                 "AWS_LAMBDA_FUNCTION_NAME",
                                                                 "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                                 "AWS_LAMBDA_FUNCTION_VERSION",
                                                                 "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                                 "AWS_LAMBDA_LOG_GROUP_NAME",
                                                                 "AWS_LAMBDA_LOG_STREAM_NAME",
                                                                 "AWS_ACCESS_KEY_ID",
                                                                 "AWS_SECRET_ACCESS_KEY",
                                                                 "AWS_SESSION_TOKEN",
                                                                 "AWS_LAMBDA_RUNTIME_API"};

bool is_known_runtime(std::string_view runtime) {
  const bool known =
      runtime.starts_with("nodejs") || runtime.starts_with("provided") ||
      (runtime.starts_with("python3.") && runtime.size() > std::string_view("python3.").size());
  return known && runtime.size() <= 32 && std::all_of(runtime.begin(), runtime.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
         });
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

// A member whose only value here is the default. Tools send it all the same.
void allow_only(Members& members, std::string_view object, std::string_view member,
                std::string_view value) {
  auto given = members.object(object);
  if (!given || !given->has(member)) return;
  if (given->text(member) != value) members.refuse({object}, kNotSupported);
}

// Empty objects and lists ask for nothing.
void refuse_others(Members& members) {
  allow_only(members, "TracingConfig", "Mode", "PassThrough");
  allow_only(members, "SnapStart", "ApplyOn", "None");
  allow_only(members, "LoggingConfig", "LogFormat", "Text");
  allow_only(members, "DeadLetterConfig", "TargetArn", "");
  if (auto storage = members.object("EphemeralStorage")) {
    storage->integer("Size", 512, 512);
    members.take_over(*storage);
  }
  for (const JsonValue& architecture :
       members.list("Architectures").value_or(std::vector<JsonValue>())) {
    if (architecture.as_string() != "x86_64") members.refuse({"Architectures"}, kNotSupported);
  }
  if (members.list("Layers").value_or(std::vector<JsonValue>()).size() > 0) {
    members.refuse({"Layers"}, kNotSupported);
  }
  if (auto network = members.object("VpcConfig")) {
    if (!network->list("SubnetIds").value_or(std::vector<JsonValue>()).empty()) {
      members.refuse({"VpcConfig"}, kNotSupported);
    }
  }
  members.refuse({"FileSystemConfigs", "ImageConfig", "KMSKeyArn", "CodeSigningConfigArn",
                  "TenancyConfig", "CapacityProviderConfig", "DurableConfig", "PublishTo"},
                 kNotSupported);
  if (members.boolean("Publish").value_or(false)) members.refuse({"Publish"}, kNotSupported);
}

void read_environment(Members& members, FunctionRecord& record) {
  auto environment = members.object("Environment");
  if (!environment) return;
  auto variables = environment->texts("Variables");
  members.take_over(*environment);
  std::size_t bytes = 0;
  for (const auto& [name, value] : variables.value_or(std::map<std::string, std::string>())) {
    bytes += name.size() + value.size();
    if (!is_variable_name(name) || value.find('\0') != std::string::npos) {
      members.fail(validation_error(name, "environment.variables",
                                    "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+"));
    }
    if (std::find(kReservedVariables.begin(), kReservedVariables.end(), name) !=
        kReservedVariables.end()) {
      members.fail(invalid_parameter(
          "Lambda was unable to configure your environment variables because the environment "
          "variables you have provided contains reserved keys that are currently not supported for "
          "modification. Reserved keys used in this request: " +
          name));
    }
  }
  if (bytes > kEnvironmentBytesMax) {
    members.fail(invalid_parameter(
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided exceeded the 4KB limit."));
  }
  record.environment = std::move(variables);
}

void read_tags(Members& members, FunctionRecord& record) {
  record.tags = members.texts("Tags").value_or(std::map<std::string, std::string>());
  bool fits = record.tags.size() <= kTagsMax;
  for (const auto& [key, value] : record.tags) {
    fits = fits && !key.empty() && key.size() <= kTagKeyBytesMax && value.size() <= kTagBytesMax;
  }
  if (fits) return;
  members.fail(invalid_parameter("Tags are at most " + std::to_string(kTagsMax) + ", their keys " +
                                 std::to_string(kTagKeyBytesMax) + " and their values " +
                                 std::to_string(kTagBytesMax) + " bytes at most."));
}

void read_role(Members& members, FunctionRecord& record) {
  const auto role = members.text("Role");
  if (!role) return;
  if (role->size() > kRoleBytesMax) {
    members.fail(validation_error(
        *role, "role", "have length less than or equal to " + std::to_string(kRoleBytesMax)));
  }
  if (!role->starts_with("arn:aws") || role->find(":iam::") == std::string::npos ||
      role->find(":role/") == std::string::npos || !is_visible(*role)) {
    members.fail(
        validation_error(*role, "role",
                         "satisfy regular expression pattern: "
                         R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)"));
  }
  record.role = *role;
}

void read_settings(Members& members, FunctionRecord& record) {
  refuse_others(members);
  read_role(members, record);
  record.runtime = members.text("Runtime").value_or(record.runtime);
  if (!record.runtime.empty() && !is_known_runtime(record.runtime)) {
    members.fail(invalid_parameter("The runtime " + bounded_utf8(record.runtime, 64) +
                                   " is not supported by headrace: nodejs, python3 and provided "
                                   "are."));
  }
  record.handler = members.text("Handler").value_or(record.handler);
  if (record.handler.size() > kHandlerLengthMax || !is_visible(record.handler)) {
    members.fail(validation_error(record.handler, "handler",
                                  R"(satisfy regular expression pattern: [^\s]+)"));
  }
  record.description = members.text("Description").value_or(record.description);
  if (record.description.size() > kDescriptionLengthMax) {
    members.fail(validation_error(record.description, "description",
                                  "have length less than or equal to 256"));
  }
  record.timeout_seconds =
      members.integer("Timeout", 1, kTimeoutSecondsMax).value_or(record.timeout_seconds);
  record.memory_mb = members.integer("MemorySize", kMemoryMegabytesMin, kMemoryMegabytesMax)
                         .value_or(record.memory_mb);
  read_environment(members, record);
}

void check_runtime(Members& members, const FunctionRecord& record) {
  const bool needs_handler = !record.runtime.starts_with("provided");
  if (record.runtime.empty() || (record.handler.empty() && needs_handler)) {
    members.fail(invalid_parameter(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages."));
  }
}

// Of `members`, which are those of the request or of its Code.
std::string read_zip(Members& members) {
  members.refuse({"S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn"},
                 "is not supported by headrace, which takes an archive as ZipFile.");
  const auto text = members.text("ZipFile");
  if (!text) {
    members.fail(invalid_parameter("Please provide a source for function code."));
    return {};
  }
  auto zip = base64_decode(*text);
  if (!zip) {
    members.fail({ErrorCode::kSerialization, "ZipFile: expected base64"});
    return {};
  }
  if (zip->empty()) members.fail(invalid_parameter("Uploaded file must be a non-empty zip"));
  if (zip->size() >= kZippedBytesMax) {
    members.fail({ErrorCode::kRequestTooLarge, "Zipped size must be smaller than 52428800 bytes"});
  }
  return std::move(*zip);
}

std::string read_name(Members& members, const Scope& caller) {
  const auto text = members.text("FunctionName");
  if (!text) {
    members.fail(validation_error("null", "functionName", "not be null"));
    return {};
  }
  const Result<FunctionName> name = parse_function_name(*text, caller);
  if (!name) {
    members.fail(name.error());
    return {};
  }
  if (name->scope != caller) {
    members.fail(invalid_parameter("A function is made in the account of its maker only."));
  }
  if (!name->qualifier.empty() || name->name.size() > kFunctionNameLengthMax) {
    members.fail(
        validation_error(*text, "functionName", "be an unqualified name of at most 64 characters"));
  }
  return name->name;
}

}  // namespace

Result<NewFunction> read_create_function(std::string_view body, const Scope& caller) {
  const Result<JsonDocument> document = parse_object(body);
  if (!document) return document.error();
  Members members(document->root());
  NewFunction made;
  made.record.name = read_name(members, caller);
  if (!members.has("Role")) members.fail(validation_error("null", "role", "not be null"));
  if (members.text("PackageType").value_or("Zip") != "Zip") {
    members.refuse({"PackageType"}, "must be Zip: images are not supported by headrace.");
  }
  read_settings(members, made.record);
  read_tags(members, made.record);
  check_runtime(members, made.record);
  if (auto code = members.object("Code")) {
    made.zip = read_zip(*code);
    members.take_over(*code);
  } else {
    members.fail(validation_error("null", "code", "not be null"));
  }
  if (!members.status()) return members.status().error();
  return made;
}

Result<NewCode> read_update_code(std::string_view body) {
  const Result<JsonDocument> document = parse_object(body);
  if (!document) return document.error();
  Members members(document->root());
  NewCode code;
  if (members.boolean("DryRun").value_or(false)) members.refuse({"DryRun"}, kNotSupported);
  if (members.boolean("Publish").value_or(false)) members.refuse({"Publish"}, kNotSupported);
  code.revision_id = members.text("RevisionId").value_or("");
  code.zip = read_zip(members);
  if (!members.status()) return members.status().error();
  return code;
}

Result<FunctionRecord> read_update_configuration(std::string_view body, FunctionRecord record) {
  const Result<JsonDocument> document = parse_small_object(body);
  if (!document) return document.error();
  Members members(document->root());
  const std::string revision = members.text("RevisionId").value_or(record.revision_id);
  read_settings(members, record);
  check_runtime(members, record);
  if (!members.status()) return members.status().error();
  if (revision != record.revision_id) return other_revision();
  return record;
}

}  // namespace headrace::runtime::lambda
