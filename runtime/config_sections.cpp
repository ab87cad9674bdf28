#include "runtime/config_sections.hpp"

#include <algorithm>
#include <utility>

#include "queue/limits.hpp"
#include "runtime/config_functions.hpp"
#include "runtime/config_mappings.hpp"
#include "runtime/config_texts.hpp"
#include "runtime/http/authority.hpp"
#include "runtime/http/cors.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::seconds;

// Ours.
constexpr std::int64_t kConfigVersion = 1;
constexpr std::int64_t kHttpThreadsMax = 64;
constexpr std::size_t kHostsMax = 100;
constexpr Duration kHistoryKeepMin = std::chrono::minutes(1);
constexpr Duration kHistoryKeepMax = std::chrono::hours(24 * 365);
constexpr std::int64_t kHistorySizeMin = std::int64_t{1} << 20;
constexpr std::int64_t kHistorySizeMax = std::int64_t{4} << 30;
constexpr std::size_t kRegionLengthMax = 32;

// 012 would be ten to some readers.
bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text.front() == '0' && is_text_of(text, "0123456789", text.size());
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
    if (const auto history = section.take("history")) read_history(*history);
    if (const auto queues = take_filled(section, "queues")) read_queues(*queues);
    if (const auto functions = take_filled(section, "functions")) {
      config_.functions = read_functions(*functions, reading_);
    }
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
    if (const auto origins = section.take("cors_origins")) read_origins(*origins);
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
      read_path(*credentials, reading_, server.credentials);
      if (server.auth == AuthMode::kNone) {
        credentials->add_error("is used with auth: optional or auth: required only");
      }
    }
    if (const auto allow = section.take("insecure_allow_remote")) {
      server.insecure_allow_remote = allow->boolean().value_or(false);
    }
    if (const auto uploads = section.take("function_uploads")) {
      server.function_uploads = uploads->boolean().value_or(false);
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

  // The elements of a list of names.
  std::vector<ConfigValue> read_names(const ConfigValue& value, const char* what) {
    const auto& nodes = value.node().children;
    std::vector<ConfigValue> names;
    if (value.node().kind != ConfigNode::Kind::kList || nodes.size() > kHostsMax) {
      value.expected("a list of at most " + std::to_string(kHostsMax) + " " + what);
      return names;
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      names.emplace_back(nodes[i], value.path() + "[" + std::to_string(i) + "]", reading_);
    }
    return names;
  }

  void read_origins(const ConfigValue& value) {
    for (const ConfigValue& name : read_names(value, "origins")) {
      const auto text = name.text();
      if (text && is_origin(*text)) {
        config_.server.cors_origins.push_back(*text);
      } else if (text) {
        name.expected("an origin such as https://console.example.com, or http://localhost:5173");
      }
    }
  }

  void read_hosts(const ConfigValue& value) {
    for (const ConfigValue& name : read_names(value, "host names")) {
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
    if (const auto path = section.take("path")) read_path(*path, reading_, config_.store.path);
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

  void read_history(const ConfigValue& value) {
    ConfigSection section(value, reading_);
    HistoryConfig& history = config_.history;
    if (const auto enabled = section.take("enabled")) {
      history.enabled = enabled->boolean().value_or(history.enabled);
    }
    if (const auto keep = section.take("keep")) {
      history.keep = keep->duration(kHistoryKeepMin, kHistoryKeepMax).value_or(history.keep);
    }
    if (const auto size = section.take("size")) {
      history.size = size->bytes(kHistorySizeMin, kHistorySizeMax).value_or(history.size);
    }
    section.finish();
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

  ConfigReading& reading_;
  Config config_;
};

}  // namespace

Config read_config(const ConfigNode& root, ConfigReading& reading) {
  return ConfigParser(reading).read(root);
}

}  // namespace headrace::runtime
