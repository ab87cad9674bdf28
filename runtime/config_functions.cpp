#include "runtime/config_functions.hpp"

#include <algorithm>
#include <utility>

#include "functions/function_url.hpp"
#include "runtime/config_builtin.hpp"
#include "runtime/config_texts.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// AWS's limits of a function (Lambda API).
constexpr std::size_t kFunctionNameLengthMax = 64;
constexpr Duration kFunctionTimeoutMax = seconds(900);
constexpr std::int64_t kFunctionMemoryMin = std::int64_t{128} << 20;
constexpr std::int64_t kFunctionMemoryMax = std::int64_t{10'240} << 20;
constexpr std::size_t kEnvironmentBytesMax = 4096;
constexpr std::size_t kHandlerLengthMax = 128;

// Ours.
constexpr std::int64_t kWorkersMax = 1000;
constexpr std::size_t kRuntimeLengthMax = 32;
constexpr Duration kWorkerIdleMax = hours(24);

class FunctionReader {
 public:
  explicit FunctionReader(ConfigReading& reading) : reading_(reading) {}

  FunctionConfig read(const ConfigValue& value) {
    FunctionConfig function;
    function.name = value.node().key;
    if (!is_text_of(function.name, kNameCharacters, kFunctionNameLengthMax)) {
      value.add_error(
          "expected a function name of 1 to 64 letters, digits, hyphens and underscores");
    }
    ConfigSection section(value, reading_);
    if (const auto kind = read_kind(section)) {
      function.kind = *kind;
      read_target(section, function);
    }
    if (const auto timeout = section.take("timeout")) {
      function.timeout =
          timeout->duration(milliseconds(1), kFunctionTimeoutMax).value_or(function.timeout);
    }
    section.finish();
    return function;
  }

 private:
  std::optional<FunctionKind> read_kind(ConfigSection& section) {
    const auto kind = section.take_required("kind");
    const auto text = kind ? kind->text() : std::nullopt;
    if (text && is_choice(*kind, *text, {"native", "process", "http", "builtin"}, {})) {
      if (*text == "process") return FunctionKind::kProcess;
      if (*text == "builtin") return FunctionKind::kBuiltin;
      return *text == "native" ? FunctionKind::kNative : FunctionKind::kHttp;
    }
    for (const auto key : {"artifact", "url", "runtime", "code", "handler", "builtin", "duration",
                           "queue", "memory", "workers", "environment"}) {
      section.take(key);  // whether it belongs there depends on the kind
    }
    return std::nullopt;
  }

  void read_target(ConfigSection& section, FunctionConfig& function) {
    switch (function.kind) {
      case FunctionKind::kNative:
        if (const auto artifact = section.take_required("artifact")) {
          read_path(*artifact, reading_, function.artifact);
        }
        break;
      case FunctionKind::kProcess: read_process(section, function); break;
      case FunctionKind::kHttp:
        if (const auto url = section.take_required("url")) read_function_url(*url, function.url);
        break;
      case FunctionKind::kBuiltin: read_builtin(section, function.builtin); break;
    }
    if (has_workers(function)) {
      read_memory(section, function);
      if (const auto environment = section.take("environment")) {
        read_environment(*environment, function);
      }
    }
    if (const auto workers = section.take("workers")) read_workers(*workers, function);
  }

  // Whether it runs in processes of ours.
  static bool has_workers(const FunctionConfig& function) {
    return function.kind == FunctionKind::kNative || function.kind == FunctionKind::kProcess;
  }

  void read_process(ConfigSection& section, FunctionConfig& function) {
    if (const auto runtime = section.take_required("runtime")) {
      read_runtime(*runtime, function.runtime);
    }
    if (const auto code = section.take_required("code")) {
      read_path(*code, reading_, function.code);
    }
    // What a custom runtime makes of its handler's name is its own business.
    const bool provided = function.runtime.starts_with("provided");
    const auto handler = provided ? section.take("handler") : section.take_required("handler");
    const auto text = handler ? handler->text() : std::nullopt;
    if (!text) return;
    const bool visible =
        std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (visible && !text->empty() && text->size() <= kHandlerLengthMax) {
      function.handler = *text;
    } else {
      handler->expected("a handler such as index.handler, of at most 128 visible characters");
    }
  }

  void read_runtime(const ConfigValue& value, std::string& runtime) {
    const auto text = value.text();
    if (!text) return;
    const bool known = text->starts_with("nodejs") || text->starts_with("provided") ||
                       (text->starts_with("python3.") && !text->ends_with('.'));
    if (known && is_text_of(*text, "abcdefghijklmnopqrstuvwxyz0123456789.", kRuntimeLengthMax)) {
      runtime = *text;
    } else {
      value.expected("nodejs20.x or another nodejs, python3.11 or another python3, or provided");
    }
  }

  void read_function_url(const ConfigValue& value, std::string& url) {
    const auto text = value.text();
    if (!text) return;
    const Status status = functions::check_function_url(*text);
    if (is_http_url(*text) && status) {
      url = *text;
    } else if (!is_http_url(*text)) {
      value.expected("an http:// or https:// address");
    } else {
      value.add_error(status.error().message);
    }
  }

  void read_memory(ConfigSection& section, FunctionConfig& function) {
    const auto memory = section.take("memory");
    if (!memory) return;
    const auto bytes = memory->bytes(kFunctionMemoryMin, kFunctionMemoryMax);
    if (bytes) function.memory_bytes = *bytes;
  }

  void read_workers(const ConfigValue& value, FunctionConfig& function) {
    ConfigSection section(value, reading_);
    WorkersConfig& workers = function.workers;
    if (const auto max = section.take("max")) {
      workers.max = max->integer(1, kWorkersMax).value_or(workers.max);
    }
    if (has_workers(function)) {
      if (const auto min = section.take("min")) {
        workers.min = min->integer(0, workers.max).value_or(workers.min);
      }
      if (const auto idle = section.take("idle_timeout")) {
        workers.idle_timeout =
            idle->duration(milliseconds(0), kWorkerIdleMax).value_or(workers.idle_timeout);
      }
    }
    section.finish();
  }

  void read_environment(const ConfigValue& value, FunctionConfig& function) {
    ConfigSection section(value, reading_);
    std::size_t bytes = 0;
    for (const ConfigValue& variable : section.take_all()) {
      const std::string& name = variable.node().key;
      const bool starts_with_digit = !name.empty() && name.front() >= '0' && name.front() <= '9';
      if (starts_with_digit || name.find('-') != std::string::npos ||
          !is_text_of(name, kNameCharacters, kEnvironmentBytesMax)) {
        variable.add_error("expected a name of letters, digits and underscores");
      }
      const auto text = variable.text();
      if (!text) continue;
      bytes += name.size() + text->size();
      if (text->find('\0') != std::string::npos) variable.expected("a text without NUL");
      function.environment.emplace(name, *text);
    }
    if (bytes > kEnvironmentBytesMax) {
      value.add_error("expected at most 4096 bytes of names and values, got " +
                      std::to_string(bytes));
    }
  }

  ConfigReading& reading_;
};

}  // namespace

std::vector<FunctionConfig> read_functions(const ConfigValue& value, ConfigReading& reading) {
  std::vector<FunctionConfig> functions;
  ConfigSection section(value, reading);
  for (const ConfigValue& function : section.take_all()) {
    functions.push_back(FunctionReader(reading).read(function));
  }
  return functions;
}

}  // namespace headrace::runtime
