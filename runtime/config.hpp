// Configuration: the YAML file as plain structs (config/headrace.yaml shows and explains every
// key).
//
// Reading is strict: what is unknown, given twice, of the wrong type, without its unit, or not
// built yet is an error. All errors of a file are reported together, each with its place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "queue/cooldowns.hpp"
#include "queue/journal.hpp"
#include "queue/queue_attributes.hpp"
#include "runtime/auth/auth_mode.hpp"
#include "runtime/mapping_scaler.hpp"

namespace headrace::runtime {

struct ServerConfig {
  std::string host = "127.0.0.1";         // an IP literal without brackets, or localhost
  std::uint16_t port = 4566;              // 0: any free one
  std::string public_url;                 // without a trailing slash; empty: what each client used
  std::vector<std::string> hosts;         // further names clients may call it by
  std::vector<std::string> cors_origins;  // foreign pages that browsers may let use it
  std::string account = "000000000000";
  std::string region = "us-east-1";
  AuthMode auth = AuthMode::kNone;
  std::string credentials;               // path of a file of users; empty: none
  bool insecure_allow_remote = false;    // other machines may come without a signature
  bool function_uploads = false;         // who need not sign may upload functions
  std::optional<unsigned> http_threads;  // see http_threads()
  queue::Cooldowns cooldowns;
};

using queue::Durability;

struct StoreConfig {
  std::string path = "headrace-data";
  Durability durability = Durability::kSync;
};

struct HistoryConfig {
  bool enabled = true;
  Duration keep = std::chrono::hours(24 * 14);
  std::int64_t size = std::int64_t{128} << 20;
};

struct DeadLetterConfig {
  std::string queue;
  std::int64_t max_receives = 0;
};

struct QueueConfig {
  std::string name;
  queue::AttributeMap
      attributes;  // AWS's names and values, without the RedrivePolicy of dead_letter
  std::optional<DeadLetterConfig> dead_letter;

  bool is_fifo() const { return name.ends_with(".fifo"); }
  // What every queue of its type is created with.
  queue::AttributeMap type_attributes() const {
    return is_fifo() ? queue::AttributeMap{{"FifoQueue", "true"}} : queue::AttributeMap();
  }
};

enum class FunctionKind { kNative, kProcess, kHttp, kBuiltin };

enum class BuiltinKind { kEcho, kFail, kSleep, kForward };

struct BuiltinConfig {
  BuiltinKind kind = BuiltinKind::kEcho;
  Duration duration{0};  // sleep
  std::string queue;     // forward: is in Config::queues
};

struct WorkersConfig {
  std::int64_t min = 0;
  std::int64_t max = 8;
  Duration idle_timeout = std::chrono::minutes(5);
};

struct FunctionConfig {
  std::string name;
  FunctionKind kind = FunctionKind::kNative;
  std::string artifact;  // native: path of the .so
  std::string url;       // http
  std::string runtime;   // process: "nodejs20.x", "python3.11", "provided"
  std::string code;      // process: path of the folder
  std::string handler;   // process: "index.handler"
  BuiltinConfig builtin;
  Duration timeout = std::chrono::seconds(3);
  std::int64_t memory_bytes = std::int64_t{128} << 20;
  WorkersConfig workers;
  std::map<std::string, std::string> environment;
};

struct MappingConfig {
  std::string queue;     // is in Config::queues
  std::string function;  // is in Config::functions
  std::int64_t batch_size = 10;
  Duration batching_window{0};
  bool report_batch_item_failures = false;
  std::optional<std::int64_t> maximum_concurrency;
  std::vector<std::string> filters;  // patterns as JSON, each one valid
  Scaling scaling = Scaling::kFast;
};

struct Config {
  ServerConfig server;
  StoreConfig store;
  HistoryConfig history;
  std::vector<QueueConfig> queues;  // in the order of the file, as all lists
  std::vector<FunctionConfig> functions;
  std::vector<MappingConfig> mappings;
};

// Where and what: line and column count from 1; both are 0 when the whole file is meant.
struct ConfigProblem {
  int line = 0;
  int column = 0;
  std::string path;  // "mappings[0].batch_size"; empty when the whole file is meant
  std::string text;
};

// "headrace.yaml:12:17: mappings[0].batch_size: expected ..., got ..."
std::string to_string(std::string_view file, const ConfigProblem& problem);

struct ConfigOutcome {
  std::optional<Config> config;  // empty when there are errors
  std::vector<ConfigProblem> errors;
  std::vector<ConfigProblem> warnings;
};

struct ConfigSource {
  std::string text;
  std::string folder;  // relative paths in the text start here
  Environment environment;
};

ConfigOutcome parse_config(const ConfigSource& source);

// Reads the file, with this process's environment.
ConfigOutcome load_config(const std::string& path);

// "HOST:PORT" with an IPv4 literal, an IPv6 literal in brackets, or localhost. False, and nothing
// set, when the text is not one.
bool parse_listen(std::string_view text, ServerConfig& server);

std::optional<Durability> parse_durability(std::string_view text);

// False when other machines may reach the server.
bool listens_on_loopback(const ServerConfig& server);

// Whether the Lambda API makes and changes functions. Their code runs as the server's user.
bool takes_function_uploads(const ServerConfig& server);

// What is wrong with listening where the server is to listen; empty when nothing is.
std::string exposure_problem(const ServerConfig& server);

// How many I/O loops serve HTTP: as configured, else none of their own on up to two cores and half
// the cores above.
unsigned http_threads(const ServerConfig& server, unsigned cores);

}  // namespace headrace::runtime
