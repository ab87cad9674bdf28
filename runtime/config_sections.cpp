#include "runtime/config_sections.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <utility>

#include "functions/function_url.hpp"
#include "queue/limits.hpp"
#include "runtime/config_mappings.hpp"
#include "runtime/http/authority.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// AWS's limits of a function (Lambda API).
constexpr std::size_t kFunctionNameLengthMax = 64;
constexpr Duration kFunctionTimeoutMax = seconds(900);
constexpr std::int64_t kFunctionMemoryMin = std::int64_t{128} << 20;
constexpr std::int64_t kFunctionMemoryMax = std::int64_t{10'240} << 20;
constexpr std::size_t kEnvironmentBytesMax = 4096;

// Ours.
constexpr std::int64_t kConfigVersion = 1;
constexpr std::int64_t kWorkersMax = 1000;
constexpr Duration kWorkerIdleMax = hours(24);
constexpr std::int64_t kHttpThreadsMax = 64;
constexpr std::size_t kHostsMax = 100;
constexpr std::size_t kRegionLengthMax = 32;

bool is_text_of(std::string_view text, std::string_view characters, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         text.find_first_not_of(characters) == std::string_view::npos;
}

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

// "http://host", "https://host:port/", with or without a path.
bool is_http_url(std::string_view url) {
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!has_scheme) return false;
  const std::string_view rest = url.substr(url.find("//") + 2);
  const bool visible =
      std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return visible && !rest.empty() && rest.front() != '/' && rest.front() != ':';
}

// 012 would be ten to some readers.
bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text.front() == '0' && is_text_of(text, "0123456789", text.size());
}

// One of the values that are built; those that are known but not built are refused by name.
bool is_choice(const ConfigValue& value, const std::string& given,
               std::initializer_list<std::string_view> built,
               std::initializer_list<std::string_view> not_built) {
  if (std::find(built.begin(), built.end(), given) != built.end()) return true;
  if (std::find(not_built.begin(), not_built.end(), given) != not_built.end()) {
    value.add_error(given + " is not supported yet");
    return false;
  }
  std::string choices;
  for (const std::string_view name : built) {
    if (!choices.empty()) choices += " | ";
    choices += name;
  }
  value.expected(choices);
  return false;
}

class ConfigParser {
 public:
  explicit ConfigParser(ConfigReading& reading) : reading_(reading) {}

  Config read(const ConfigNode& root) {
    ConfigSection section(ConfigValue(root, "", reading_), reading_);
    if (const auto version = section.take_required("version")) {
      version->integer(kConfigVersion, kConfigVersion);
    }
    if (const auto server = section.take("server")) read_server(*server);
    if (const auto store = section.take("store")) read_store(*store);
    if (const auto queues = take_filled(section, "queues")) read_queues(*queues);
    if (const auto functions = take_filled(section, "functions")) read_functions(*functions);
    if (const auto mappings = take_filled(section, "mappings")) {
      config_.mappings = read_mappings(*mappings, reading_);
    }
    section.finish();
    return std::move(config_);
  }

 private:
  // A section whose members are all commented out is an empty one.
  static std::optional<ConfigValue> take_filled(ConfigSection& section, std::string_view key) {
    auto value = section.take(key);
    if (value && value->node().kind == ConfigNode::Kind::kNothing) value.reset();
    return value;
  }

  void read_server(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    ServerConfig& server = config_.server;
    if (const auto listen = section.take("listen")) {
      const auto text = listen->text();
      if (text && !parse_listen(*text, server)) {
        listen->expected("ADDRESS:PORT, such as 127.0.0.1:4566 or [::1]:4566");
      }
    }
    if (const auto url = section.take("public_url")) read_public_url(*url);
    if (const auto hosts = section.take("hosts")) read_hosts(*hosts);
    if (const auto account = section.take("account")) {
      const auto text = account->text();
      const bool fits = text && is_text_of(*text, "0123456789", queue::kAccountLength);
      if (fits && text->size() == queue::kAccountLength) {
        server.account = *text;
      } else if (text) {
        account->expected("12 digits in quotes");
      }
    }
    if (const auto region = section.take("region")) {
      const auto text = region->text();
      if (text && is_text_of(*text, "abcdefghijklmnopqrstuvwxyz0123456789-", kRegionLengthMax)) {
        server.region = *text;
      } else if (text) {
        region->expected("a region such as us-east-1");
      }
    }
    read_auth(section);
    if (const auto http = section.take("http")) read_http(*http);
    if (const auto cooldowns = section.take("cooldowns")) read_cooldowns(*cooldowns);
    section.finish();
  }

  void read_auth(ConfigSection& section) {
    ServerConfig& server = config_.server;
    if (const auto auth = section.take("auth")) {
      const auto text = auth->text();
      if (text && is_choice(*auth, *text, {"none", "optional", "required"}, {})) {
        server.auth = *text == "none"       ? AuthMode::kNone
                      : *text == "optional" ? AuthMode::kOptional
                                            : AuthMode::kRequired;
      }
    }
    if (const auto credentials = section.take("credentials")) {
      read_path(*credentials, server.credentials);
      if (server.auth == AuthMode::kNone) {
        credentials->add_error("is used with auth: optional or auth: required only");
      }
    }
    if (const auto allow = section.take("insecure_allow_remote")) {
      server.insecure_allow_remote = allow->boolean().value_or(false);
    }
  }

  void read_public_url(const ConfigValue& value) {
    auto text = value.text();
    if (!text || *text == "auto") return;
    if (text->ends_with('/')) text->pop_back();
    const std::size_t host = std::min(text->find("//"), text->size() - 2) + 2;
    if (is_http_url(*text) && text->find_first_of("/?#@", host) == std::string::npos) {
      config_.server.public_url = *text;
    } else {
      value.expected("auto, or http(s)://HOST[:PORT] without a path");
    }
  }

  void read_hosts(const ConfigValue& value) {
    const auto& names = value.node().children;
    if (value.node().kind != ConfigNode::Kind::kList || names.size() > kHostsMax) {
      value.expected("a list of at most " + std::to_string(kHostsMax) + " host names");
      return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const ConfigValue name(names[i], value.path() + "[" + std::to_string(i) + "]", reading_);
      const auto text = name.text();
      const auto authority = text ? parse_authority(*text) : std::nullopt;
      if (authority && authority->port == 0 && authority->kind == HostKind::kName) {
        config_.server.hosts.push_back(*text);
      } else if (text) {
        name.expected("a host name without a port");
      }
    }
  }

  void read_cooldowns(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    queue::Cooldowns& cooldowns = config_.server.cooldowns;
    if (const auto purge = section.take("purge")) {
      cooldowns.purge = purge->boolean().value_or(false);
    }
    if (const auto create = section.take("create")) {
      cooldowns.create = create->boolean().value_or(false);
    }
    section.finish();
  }

  void read_http(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    if (const auto threads = section.take("threads")) {
      const auto count = threads->integer(0, kHttpThreadsMax);
      if (count) config_.server.http_threads = static_cast<unsigned>(*count);
    }
    section.finish();
  }

  void read_store(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    if (const auto path = section.take("path")) read_path(*path, config_.store.path);
    if (const auto durability = section.take("durability")) {
      const auto text = durability->text();
      const auto mode = text ? parse_durability(*text) : std::nullopt;
      if (mode) {
        config_.store.durability = *mode;
      } else if (text) {
        durability->expected("sync | os | memory");
      }
    }
    section.finish();
  }

  void read_path(const ConfigValue& value, std::string& path) {
    const auto text = value.text();
    if (!text) return;
    if (text->empty() || text->find('\0') != std::string::npos) {
      value.expected("a path");
      return;
    }
    path = (std::filesystem::path(reading_.source.folder) / *text).lexically_normal().string();
  }

  void read_queues(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    for (const ConfigValue& queue : section.take_all()) read_queue(queue);
  }

  void read_queue(const ConfigValue& value) {
    QueueConfig queue;
    queue.name = value.node().key;
    std::string plain = queue.name;
    if (queue.is_fifo()) plain.resize(plain.size() - std::string_view(".fifo").size());
    if (queue.name.size() > queue::kQueueNameLengthMax ||
        !is_text_of(plain, kNameCharacters, queue::kQueueNameLengthMax)) {
      value.add_error(
          "expected a queue name of 1 to 80 letters, digits, hyphens and underscores; that of a "
          "FIFO queue ends with .fifo");
    }
    if (value.node().kind == ConfigNode::Kind::kNothing) {
      config_.queues.push_back(std::move(queue));  // "signup:" is a queue with AWS's defaults
      return;
    }
    ConfigSection section(value, reading_);
    if (const auto attributes = section.take("attributes")) read_attributes(*attributes, queue);
    if (const auto timeout = section.take("visibility_timeout")) {
      read_seconds(*timeout, "VisibilityTimeout", seconds(0), seconds(queue::kVisibilityTimeoutMax),
                   queue);
    }
    if (const auto retention = section.take("retention")) {
      read_seconds(*retention, "MessageRetentionPeriod", seconds(queue::kRetentionMin),
                   seconds(queue::kRetentionMax), queue);
    }
    if (const auto dead_letter = section.take("dead_letter")) {
      read_dead_letter(*dead_letter, queue);
    }
    section.finish();
    config_.queues.push_back(std::move(queue));
  }

  // SQS counts whole seconds.
  void read_seconds(const ConfigValue& value, const std::string& attribute, Duration min,
                    Duration max, QueueConfig& queue) {
    const auto duration = value.duration(min, max);
    if (!duration) return;
    if (*duration % seconds(1) != Duration(0)) {
      value.expected("whole seconds");
      return;
    }
    const auto count = std::chrono::duration_cast<seconds>(*duration).count();
    if (!queue.attributes.emplace(attribute, std::to_string(count)).second) {
      value.add_error("is given twice, also as attributes." + attribute);
    }
  }

  void read_attributes(const ConfigValue& value, QueueConfig& queue) {
    ConfigSection section(value, reading_);
    for (const ConfigValue& attribute : section.take_all()) {
      const std::string& name = attribute.node().key;
      const auto text = attribute.text();
      if (!text) continue;
      if (has_leading_zero(*text)) {
        attribute.expected("a number without a leading zero");
        continue;
      }
      queue::AttributeMap alone = {{name, *text}};
      // This one needs another, wherever that stands; both are checked together below.
      if (name == "FifoThroughputLimit") alone.emplace("DeduplicationScope", "messageGroup");
      if (const auto status = attributes_of(queue).set(alone); !status) {
        attribute.add_error(status.error().message);
      } else {
        queue.attributes.emplace(name, *text);
      }
    }
    const auto status = attributes_of(queue).set(queue.attributes);
    if (!status) value.add_error(status.error().message);
  }

  static queue::QueueAttributes attributes_of(const QueueConfig& queue) {
    queue::QueueAttributes attributes;
    attributes.fifo_queue = queue.is_fifo();
    return attributes;
  }

  void read_dead_letter(const ConfigValue& value, QueueConfig& queue) {
    ConfigSection section(value, reading_);
    DeadLetterConfig dead_letter;
    const auto name = section.take_required("queue");
    const auto receives = section.take_required("max_receives");
    section.finish();
    const auto text = name ? name->text() : std::nullopt;
    const auto count = receives ? receives->integer(1, queue::kMaxReceiveCountMax) : std::nullopt;
    if (queue.attributes.count("RedrivePolicy") > 0) {
      value.add_error("is given twice, also as attributes.RedrivePolicy");
    }
    if (text && count) queue.dead_letter = DeadLetterConfig{*text, *count};
  }

  void read_functions(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    for (const ConfigValue& function : section.take_all()) read_function(function);
  }

  void read_function(const ConfigValue& value) {
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
    config_.functions.push_back(std::move(function));
  }

  std::optional<FunctionKind> read_kind(ConfigSection& section) {
    section.refuse_not_built({"runtime", "code", "handler"});
    const auto kind = section.take_required("kind");
    const auto text = kind ? kind->text() : std::nullopt;
    if (text && is_choice(*kind, *text, {"native", "http"}, {"process", "builtin"})) {
      return *text == "native" ? FunctionKind::kNative : FunctionKind::kHttp;
    }
    for (const auto key : {"artifact", "url", "memory", "workers", "environment"}) {
      section.take(key);  // whether it belongs there depends on the kind
    }
    return std::nullopt;
  }

  void read_target(ConfigSection& section, FunctionConfig& function) {
    if (function.kind == FunctionKind::kNative) {
      const auto artifact = section.take_required("artifact");
      if (artifact) read_path(*artifact, function.artifact);
      read_memory(section, function);
      if (const auto environment = section.take("environment")) {
        read_environment(*environment, function);
      }
    } else if (const auto url = section.take_required("url")) {
      read_function_url(*url, function.url);
    }
    if (const auto workers = section.take("workers")) read_workers(*workers, function);
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
    if (function.kind == FunctionKind::kNative) {
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
  Config config_;
};

}  // namespace

Config read_config(const ConfigNode& root, ConfigReading& reading) {
  return ConfigParser(reading).read(root);
}

}  // namespace headrace::runtime
