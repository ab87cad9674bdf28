#include "runtime/config.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

ConfigOutcome parse(const std::string& text, std::map<std::string, std::string> variables = {}) {
  ConfigSource source;
  source.text = text;
  source.folder = "/srv/app";
  source.environment = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return parse_config(source);
}

std::vector<std::string> lines(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> texts;
  for (const ConfigProblem& problem : problems) texts.push_back(to_string("f", problem));
  return texts;
}

TEST(Config, NeedsOnlyItsVersion) {
  const ConfigOutcome outcome = parse("version: 1\n");
  ASSERT_TRUE(outcome.config) << lines(outcome.errors).front();
  const Config& config = *outcome.config;
  EXPECT_EQ(config.server.host, "127.0.0.1");
  EXPECT_EQ(config.server.port, 4566);
  EXPECT_EQ(config.server.account, "000000000000");
  EXPECT_EQ(config.server.region, "us-east-1");
  EXPECT_EQ(config.server.public_url, "");
  EXPECT_EQ(config.store.durability, Durability::kSync);
  EXPECT_THAT(config.queues, IsEmpty());
}

TEST(Config, ReadsEveryKeyOfServerAndStore) {
  const ConfigOutcome outcome = parse(R"(version: 1
server:
  listen: "[::1]:0"
  public_url: https://queues.example.com/
  account: "123456789012"
  region: eu-west-1
  auth: none
  hosts: [queues.example.org]
  cooldowns: { purge: true }
  http: { threads: 4 }
store: { path: data, durability: os }
)");
  ASSERT_TRUE(outcome.config) << lines(outcome.errors).front();
  const ServerConfig& server = outcome.config->server;
  EXPECT_EQ(server.host, "::1");
  EXPECT_EQ(server.port, 0);
  EXPECT_EQ(server.public_url, "https://queues.example.com");
  EXPECT_EQ(server.account, "123456789012");
  EXPECT_EQ(server.region, "eu-west-1");
  EXPECT_EQ(server.hosts, std::vector<std::string>{"queues.example.org"});
  EXPECT_TRUE(server.cooldowns.purge);
  EXPECT_EQ(server.http_threads, 4U);
  EXPECT_EQ(outcome.config->store.path, "/srv/app/data");
  EXPECT_EQ(outcome.config->store.durability, Durability::kOs);
}

TEST(Config, ReadsQueuesFunctionsAndMappings) {
  const ConfigOutcome outcome = parse(R"(version: 1
queues:
  signup:
    visibility_timeout: 30s
    dead_letter: { queue: signup-dlq, max_receives: 3 }
    attributes: { DelaySeconds: 5 }
  signup-dlq: { retention: 14d }
  plain:
functions:
  welcome-email:
    kind: native
    artifact: ./lib/libwelcome_email.so
    timeout: 5s
    memory: 256MiB
    workers: { min: 1, max: 4, idle_timeout: 500ms }
    environment: { OUTBOX: ./outbox, PORT: 25 }
  audit: { kind: http, url: "http://127.0.0.1:8080/audit" }
mappings:
  - queue: signup
    function: welcome-email
    batch_size: 100
    batching_window: 500ms
    report_batch_item_failures: true
    maximum_concurrency: 5
    scaling: fast
)");
  ASSERT_TRUE(outcome.config) << lines(outcome.errors).front();
  const Config& config = *outcome.config;
  ASSERT_EQ(config.queues.size(), 3U);
  EXPECT_EQ(config.queues[0].name, "signup");
  EXPECT_THAT(config.queues[0].attributes,
              ElementsAre(Pair("DelaySeconds", "5"), Pair("VisibilityTimeout", "30")));
  EXPECT_EQ(config.queues[0].dead_letter->queue, "signup-dlq");
  EXPECT_EQ(config.queues[0].dead_letter->max_receives, 3);
  EXPECT_THAT(config.queues[1].attributes, ElementsAre(Pair("MessageRetentionPeriod", "1209600")));
  EXPECT_EQ(config.queues[2].name, "plain");
  ASSERT_EQ(config.functions.size(), 2U);
  const FunctionConfig& native = config.functions[0];
  EXPECT_EQ(native.artifact, "/srv/app/lib/libwelcome_email.so");
  EXPECT_EQ(native.timeout, Duration(5'000));
  EXPECT_EQ(native.memory_bytes, 268'435'456);
  EXPECT_EQ(native.workers.min, 1);
  EXPECT_EQ(native.workers.max, 4);
  EXPECT_EQ(native.workers.idle_timeout, Duration(500));
  EXPECT_THAT(native.environment, ElementsAre(Pair("OUTBOX", "./outbox"), Pair("PORT", "25")));
  EXPECT_EQ(config.functions[1].kind, FunctionKind::kHttp);
  EXPECT_EQ(config.functions[1].url, "http://127.0.0.1:8080/audit");
  EXPECT_EQ(config.functions[1].timeout, Duration(3'000));  // AWS's default
  ASSERT_EQ(config.mappings.size(), 1U);
  EXPECT_EQ(config.mappings[0].batch_size, 100);
  EXPECT_EQ(config.mappings[0].batching_window, Duration(500));
  EXPECT_TRUE(config.mappings[0].report_batch_item_failures);
  EXPECT_EQ(config.mappings[0].maximum_concurrency, 5);
}

TEST(Config, ReplacesVariablesInValues) {
  const ConfigOutcome outcome = parse(R"(version: 1
server: { listen: "${HOST}:${PORT:-4566}", http: { threads: "${THREADS}" } }
queues: { signup: { visibility_timeout: "${VISIBILITY:-45s}" } }
store:
  path: /data/$${literal}/$5/${EMPTY:-none}
)",
                                      {{"HOST", "0.0.0.0"}, {"THREADS", "2"}, {"EMPTY", ""}});
  ASSERT_TRUE(outcome.config) << lines(outcome.errors).front();
  EXPECT_EQ(outcome.config->server.host, "0.0.0.0");
  EXPECT_EQ(outcome.config->server.http_threads, 2U);
  EXPECT_EQ(outcome.config->queues[0].attributes.at("VisibilityTimeout"), "45");
  EXPECT_EQ(outcome.config->store.path, "/data/${literal}/$5/none");
}

TEST(Config, AValueFromTheEnvironmentIsNotExpandedAgain) {
  const ConfigOutcome outcome = parse("version: 1\nstore:\n  path: /data/${A}\n", {{"A", "${B}"}});
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->store.path, "/data/${B}");
}

TEST(Config, ReportsAllErrorsTogetherInTheOrderOfTheFile) {
  const ConfigOutcome outcome = parse(R"(version: 1
server:
  listen: nowhere
  colour: blue
queues:
  signup:
    visibility_timeout: 30
    dead_letter: { queue: lost, max_receives: 0 }
)");
  EXPECT_FALSE(outcome.config);
  EXPECT_THAT(
      lines(outcome.errors),
      ElementsAre("f:3:11: server.listen: expected ADDRESS:PORT, such as 127.0.0.1:4566 or "
                  "[::1]:4566, got \"nowhere\"",
                  "f:4:3: server.colour: is not a known key",
                  "f:7:25: queues.signup.visibility_timeout: expected a duration from 0s to 12h "
                  "with its unit (ms, s, m, h, d), got \"30\"",
                  "f:8:47: queues.signup.dead_letter.max_receives: expected a whole number from 1 "
                  "to 1000, got \"0\""));
}

struct ErrorCase {
  const char* name;
  const char* text;
  const char* error;  // the beginning of the one error, without the file
};

void PrintTo(const ErrorCase& test, std::ostream* out) { *out << test.name; }

class ConfigError : public testing::TestWithParam<ErrorCase> {};

TEST_P(ConfigError, NamesPlaceKeyAndExpectation) {
  const ConfigOutcome outcome = parse(GetParam().text);
  EXPECT_FALSE(outcome.config);
  ASSERT_EQ(outcome.errors.size(), 1U) << testing::PrintToString(lines(outcome.errors));
  EXPECT_THAT(lines(outcome.errors).front(),
              testing::StartsWith(std::string("f") + GetParam().error));
}

const ErrorCase kErrorCases[] = {
    // The document.
    {"Empty", "", ": expected a configuration, got an empty file"},
    {"OnlyAComment", "# nothing\n", ": expected a configuration, got an empty file"},
    {"NotAMapping", "- version\n", ":1:1: expected a mapping, got a list"},
    {"SyntaxError", "version: 1\nqueues: [\n", ":"},
    {"Tab", "version: 1\n\tserver: {}\n", ":2:1: is not YAML: "},
    {"TwoDocuments", "version: 1\n---\nversion: 1\n", ": expected one YAML document, got several"},
    {"NotUtf8", "version: 1 # \xff\n", ": expected UTF-8 text"},
    {"DuplicateKey", "version: 1\nserver: {}\nstore: {}\nserver: {}\n",
     ":4:1: server: is given twice, first on line 2"},
    {"DuplicateNestedKey", "version: 1\nqueues:\n  a: {}\n  b: {}\n  a: {}\n",
     ":5:3: queues.a: is given twice, first on line 3"},
    {"UnknownKey", "version: 1\nserverr: {}\n", ":2:1: serverr: is not a known key"},
    {"UnknownNestedKey", "version: 1\nqueues:\n  a: { colour: 1 }\n",
     ":3:8: queues.a.colour: is not a known key"},
    {"Anchor", "version: 1\nstore: &s\n  path: x\n",
     ":2:8: store: anchors (&name) are not supported"},
    {"MergeKey", "version: 1\nstore:\n  <<: { path: x }\n",
     ":3:3: store.<<: merge keys (<<) are not supported"},
    {"Tag", "version: 1\nstore:\n  path: !!str x\n",
     ":3:9: store.path: tags (!name) are not supported"},
    {"KeyIsAList", "version: 1\nqueues:\n  ? [a]\n  : {}\n",
     ":3:5: queues: expected a text as key"},
    // The version.
    {"NoVersion", "server: {}\n", ":1:1: expected the key version"},
    {"OtherVersion", "version: 2\n",
     ":1:10: version: expected a whole number from 1 to 1, got \"2\""},
    {"OctalVersion", "version: 01\n", ":1:10: version: expected a whole number"},
    // The server.
    {"ServerIsAText", "version: 1\nserver: local\n",
     ":2:9: server: expected a mapping, got \"local\""},
    {"ServerIsNothing", "version: 1\nserver:\nstore: {}\n",
     ":2:1: server: expected a mapping, got nothing"},
    {"ListenWithoutPort", "version: 1\nserver:\n  listen: 127.0.0.1\n", ":3:11: server.listen: "},
    {"ListenPortTooLarge", "version: 1\nserver:\n  listen: 127.0.0.1:65536\n",
     ":3:11: server.listen: "},
    {"ListenOnAName", "version: 1\nserver:\n  listen: example.com:4566\n",
     ":3:11: server.listen: "},
    {"PublicUrlWithPath", "version: 1\nserver:\n  public_url: http://example.com/queues\n",
     ":3:15: server.public_url: expected auto, or http(s)://HOST[:PORT] without a path"},
    {"PublicUrlWithoutScheme", "version: 1\nserver:\n  public_url: example.com\n",
     ":3:15: server.public_url: "},
    {"ShortAccount", "version: 1\nserver:\n  account: \"123\"\n",
     ":3:12: server.account: expected 12 digits in quotes, got \"123\""},
    {"OddRegion", "version: 1\nserver:\n  region: us east\n", ":3:11: server.region: "},
    {"UnknownAuth", "version: 1\nserver:\n  auth: maybe\n",
     ":3:9: server.auth: expected none | optional | required, got \"maybe\""},
    {"CredentialsThatNobodyAsksFor", "version: 1\nserver:\n  credentials: users\n",
     ":3:16: server.credentials: is used with auth: optional or auth: required only"},
    {"HostWithAPort", "version: 1\nserver:\n  hosts: [queues.example.com, \"a.b:80\"]\n",
     ":3:31: server.hosts[1]: expected a host name without a port, got \"a.b:80\""},
    {"HostsIsAText", "version: 1\nserver:\n  hosts: a.b\n",
     ":3:10: server.hosts: expected a list of at most 100 host names, got \"a.b\""},
    {"NegativeThreads", "version: 1\nserver:\n  http: { threads: -1 }\n",
     ":3:20: server.http.threads: expected a whole number from 0 to 64, got \"-1\""},
    {"OctalThreads", "version: 1\nserver:\n  http: { threads: 012 }\n",
     ":3:20: server.http.threads: expected a whole number"},
    {"FractionalThreads", "version: 1\nserver:\n  http: { threads: 1.5 }\n",
     ":3:20: server.http.threads: expected a whole number"},
    {"QuotedNumber", "version: 1\nserver:\n  http: { threads: \"2\" }\n",
     ":3:20: server.http.threads: expected a whole number"},
    // The store.
    {"UnknownDurability", "version: 1\nstore:\n  durability: fsync\n",
     ":3:15: store.durability: expected sync | os | memory, got \"fsync\""},
    {"PathIsAList", "version: 1\nstore:\n  path: [a]\n",
     ":3:9: store.path: expected a text, got a list"},
    {"EmptyPath", "version: 1\nstore:\n  path: \"\"\n", ":3:9: store.path: expected a path"},
    {"UndefinedVariable", "version: 1\nstore:\n  path: ${NOT_SET}/x\n",
     ":3:9: store.path: the environment variable NOT_SET is not set and has no default"},
    {"UnclosedVariable", "version: 1\nstore:\n  path: ${NOT_SET\n",
     ":3:9: store.path: expected ${NAME}, ${NAME:-default} or $$"},
    {"OddVariable", "version: 1\nstore:\n  path: ${A+b}\n",
     ":3:9: store.path: expected ${NAME}, ${NAME:-default} or $$"},
    // Queues.
    {"QueueName", "version: 1\nqueues:\n  \"a b\": {}\n",
     ":3:10: queues.a b: expected a queue name"},
    {"FifoNameWithNothingBeforeTheSuffix", "version: 1\nqueues:\n  .fifo: {}\n",
     ":3:10: queues..fifo: expected a queue name"},
    {"ThroughputPerGroupAlone",
     "version: 1\nqueues:\n  a.fifo: { attributes: { FifoThroughputLimit: perMessageGroupId } }\n",
     ":3:25: queues.a.fifo.attributes: The perMessageGroupId value is allowed only when the value "
     "for DeduplicationScope is messageGroup"},
    {"VisibilityAboveRange", "version: 1\nqueues:\n  a: { visibility_timeout: 13h }\n",
     ":3:28: queues.a.visibility_timeout: expected a duration from 0s to 12h"},
    {"VisibilityWithUnknownUnit", "version: 1\nqueues:\n  a: { visibility_timeout: 30sec }\n",
     ":3:28: queues.a.visibility_timeout: expected a duration"},
    {"VisibilityBelowASecond", "version: 1\nqueues:\n  a: { visibility_timeout: 500ms }\n",
     ":3:28: queues.a.visibility_timeout: expected whole seconds, got \"500ms\""},
    {"VisibilityOverflows",
     "version: 1\nqueues:\n  a: { visibility_timeout: 9223372036854775807d }\n",
     ":3:28: queues.a.visibility_timeout: expected a duration"},
    {"RetentionBelowRange", "version: 1\nqueues:\n  a: { retention: 59s }\n",
     ":3:19: queues.a.retention: expected a duration from 1m to 14d"},
    {"GivenInBothSpellings",
     "version: 1\nqueues:\n  a:\n    visibility_timeout: 5s\n    attributes: { "
     "VisibilityTimeout: 5 }\n",
     ":4:25: queues.a.visibility_timeout: is given twice, also as attributes.VisibilityTimeout"},
    {"UnknownAttribute", "version: 1\nqueues:\n  a: { attributes: { Colour: 1 } }\n",
     ":3:30: queues.a.attributes.Colour: Unknown Attribute Colour."},
    {"AttributeOutOfRange", "version: 1\nqueues:\n  a: { attributes: { DelaySeconds: 901 } }\n",
     ":3:36: queues.a.attributes.DelaySeconds: Invalid value for the parameter DelaySeconds."},
    {"AttributeWithALeadingZero",
     "version: 1\nqueues:\n  a: { attributes: { DelaySeconds: 012 } }\n",
     ":3:36: queues.a.attributes.DelaySeconds: expected a number without a leading zero, got "
     "\"012\""},
    {"FifoAttribute", "version: 1\nqueues:\n  a: { attributes: { FifoQueue: true } }\n",
     ":3:33: queues.a.attributes.FifoQueue: Unknown Attribute FifoQueue."},
    {"DeadLetterWithoutCount",
     "version: 1\nqueues:\n  b: {}\n  a:\n    dead_letter: { queue: b }\n",
     ":5:18: queues.a.dead_letter: expected the key max_receives"},
    {"DeadLetterIsItself",
     "version: 1\nqueues:\n  a:\n    dead_letter: { queue: a, max_receives: 3 }\n",
     ":4:27: queues.a.dead_letter.queue: expected another queue than this one"},
    {"DeadLetterIsUnknown",
     "version: 1\nqueues:\n  a:\n    dead_letter: { queue: b, max_receives: 3 }\n",
     ":4:27: queues.a.dead_letter.queue: expected a queue of this file, got \"b\""},
    // Functions.
    {"FunctionWithoutKind", "version: 1\nfunctions:\n  f: { artifact: a.so }\n",
     ":3:6: functions.f: expected the key kind"},
    {"UnknownKind", "version: 1\nfunctions:\n  f: { kind: wasm }\n",
     ":3:14: functions.f.kind: expected native | process | http | builtin, got \"wasm\""},
    {"UrlWithCredentials", "version: 1\nfunctions:\n  f: { kind: http, url: \"http://u:p@a/\" }\n",
     ":3:25: functions.f.url: expected an address without a user or password"},
    {"UrlOfTheMetadataService",
     "version: 1\nfunctions:\n  f: { kind: http, url: \"http://169.254.169.254/\" }\n",
     ":3:25: functions.f.url: is link-local or otherwise no function's address"},
    {"UrlOfTheMetadataServiceInsideIpv6",
     "version: 1\nfunctions:\n  f: { kind: http, url: \"http://[::ffff:169.254.169.254]/\" }\n",
     ":3:25: functions.f.url: is link-local"},
    {"UrlOfTheMetadataServiceAsANumber",
     "version: 1\nfunctions:\n  f: { kind: http, url: \"http://2852039166/\" }\n",
     ":3:25: functions.f.url: is link-local"},
    {"NativeWithoutArtifact", "version: 1\nfunctions:\n  f: { kind: native }\n",
     ":3:6: functions.f: expected the key artifact"},
    {"NativeWithUrl", "version: 1\nfunctions:\n  f: { kind: native, artifact: a, url: b }\n",
     ":3:35: functions.f.url: is not a known key"},
    {"HttpUrl", "version: 1\nfunctions:\n  f: { kind: http, url: ftp://a }\n",
     ":3:25: functions.f.url: expected an http:// or https:// address, got \"ftp://a\""},
    {"TimeoutAboveRange",
     "version: 1\nfunctions:\n  f: { kind: http, url: http://a, timeout: 16m }\n",
     ":3:44: functions.f.timeout: expected a duration from 1ms to 15m"},
    {"MemoryWithoutUnit",
     "version: 1\nfunctions:\n  f: { kind: native, artifact: a, memory: 256 }\n",
     ":3:43: functions.f.memory: expected a size from 128MiB to 10GiB with its unit"},
    {"WorkersMinAboveMax",
     "version: 1\nfunctions:\n  f:\n    kind: native\n    artifact: a\n    workers: { min: 3, "
     "max: 2 }\n",
     ":6:21: functions.f.workers.min: expected a whole number from 0 to 2, got \"3\""},
    {"EnvironmentName",
     "version: 1\nfunctions:\n  f:\n    kind: native\n    artifact: a\n    environment: { A-B: x "
     "}\n",
     ":6:25: functions.f.environment.A-B: expected a name of letters, digits and underscores"},
    {"EnvironmentValueIsNothing",
     "version: 1\nfunctions:\n  f:\n    kind: native\n    artifact: a\n    environment:\n      "
     "A:\n",
     ":7:7: functions.f.environment.A: expected a text, got nothing"},
    {"HandlerKey",
     "version: 1\nfunctions:\n  f: { kind: http, url: http://a, handler: index.handler }\n",
     ":3:35: functions.f.handler: is not a known key"},
};

INSTANTIATE_TEST_SUITE_P(Table, ConfigError, testing::ValuesIn(kErrorCases),
                         [](const auto& test) { return std::string(test.param.name); });

// Mappings, below seven lines that define the queue and the function they name.
class ConfigMappingError : public testing::TestWithParam<ErrorCase> {};

TEST_P(ConfigMappingError, NamesPlaceKeyAndExpectation) {
  const std::string head = R"(version: 1
queues:
  signup: { visibility_timeout: 30s }
functions:
  quick: { kind: http, url: "http://a", timeout: 5s }
  slow: { kind: http, url: "http://a", timeout: 60s }
mappings:
)";
  const ConfigOutcome outcome = parse(head + GetParam().text);
  EXPECT_FALSE(outcome.config);
  ASSERT_EQ(outcome.errors.size(), 1U) << testing::PrintToString(lines(outcome.errors));
  EXPECT_EQ(lines(outcome.errors).front(), std::string("f") + GetParam().error);
}

const ErrorCase kMappingErrorCases[] = {
    {"NotAList", "  queue: signup\n", ":8:3: mappings: expected a list, got a mapping"},
    {"NotAMapping", "  - signup\n", ":8:5: mappings[0]: expected a mapping, got \"signup\""},
    {"NoFunction", "  - queue: signup\n", ":8:5: mappings[0]: expected the key function"},
    {"UnknownQueue", "  - queue: orders\n    function: quick\n",
     ":8:12: mappings[0].queue: expected a queue of this file, got \"orders\""},
    {"UnknownFunction", "  - queue: signup\n    function: lost\n",
     ":9:15: mappings[0].function: expected a function of this file, got \"lost\""},
    {"SamePairTwice",
     "  - { queue: signup, function: quick }\n  - { queue: signup, function: quick }\n",
     ":9:32: mappings[1].function: this queue is mapped to this function already"},
    {"BatchSizeZero", "  - { queue: signup, function: quick, batch_size: 0 }\n",
     ":8:51: mappings[0].batch_size: expected a whole number from 1 to 10000, got \"0\""},
    {"BatchSizeAboveRange", "  - { queue: signup, function: quick, batch_size: 10001 }\n",
     ":8:51: mappings[0].batch_size: expected a whole number from 1 to 10000, got \"10001\""},
    {"BatchSizeWithoutWindow", "  - { queue: signup, function: quick, batch_size: 11 }\n",
     ":8:51: mappings[0].batch_size: Maximum batch window in seconds must be greater than 0 if "
     "maximum batch size is greater than 10"},
    {"WindowAboveRange", "  - { queue: signup, function: quick, batching_window: 301s }\n",
     ":8:56: mappings[0].batching_window: expected a duration from 0s to 5m with its unit (ms, s, "
     "m, h, d), got \"301s\""},
    {"ReportIsYes", "  - { queue: signup, function: quick, report_batch_item_failures: yes }\n",
     ":8:67: mappings[0].report_batch_item_failures: expected true or false, got \"yes\""},
    {"ConcurrencyOfOne", "  - { queue: signup, function: quick, maximum_concurrency: 1 }\n",
     ":8:60: mappings[0].maximum_concurrency: expected a whole number from 2 to 1000, got \"1\""},
    {"ConcurrencyAboveRange", "  - { queue: signup, function: quick, maximum_concurrency: 1001 }\n",
     ":8:60: mappings[0].maximum_concurrency: expected a whole number from 2 to 1000, got "
     "\"1001\""},
    {"OtherScaling", "  - { queue: signup, function: quick, scaling: slow }\n",
     ":8:48: mappings[0].scaling: expected fast | aws, got \"slow\""},
    {"FunctionSlowerThanVisibility", "  - queue: signup\n    function: slow\n",
     ":8:12: mappings[0].queue: Queue visibility timeout: 30 seconds is less than Function "
     "timeout: 60 seconds"},
};

INSTANTIATE_TEST_SUITE_P(Table, ConfigMappingError, testing::ValuesIn(kMappingErrorCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Config, AnEmptySectionHasNoMembers) {
  const ConfigOutcome outcome = parse("version: 1\nqueues:\nfunctions:\nmappings:\n");
  ASSERT_TRUE(outcome.config) << testing::PrintToString(lines(outcome.errors));
  EXPECT_TRUE(outcome.config->queues.empty());
}

TEST(Config, AliasIsRefusedAlsoWhenItContainsItself) {
  const ConfigOutcome outcome = parse("version: 1\nqueues: &a [*a]\n");
  EXPECT_THAT(lines(outcome.errors),
              testing::Contains(testing::HasSubstr("aliases (*name) are not supported")));
}

TEST(Config, SeventeenLevelsAreAnError) {
  const std::string levels(16, '[');
  const ConfigOutcome outcome = parse("store: " + levels + std::string(16, ']') + "\n");
  EXPECT_THAT(lines(outcome.errors),
              testing::Contains("f:1:23: store" + std::string("[0][0][0][0][0][0][0][0]") +
                                "[0][0][0][0][0][0][0]: expected at most 16 levels"));
}

TEST(Config, AHugeDepthIsAnError) {
  const ConfigOutcome outcome = parse("version: " + std::string(100'000, '['));
  EXPECT_FALSE(outcome.config);
}

TEST(Config, TooManyEntriesAreOneError) {
  std::string text = "version: 1\nqueues:\n";
  for (int i = 0; i < 10'002; ++i) text += "  q" + std::to_string(i) + ": {}\n";
  const ConfigOutcome outcome = parse(text);
  EXPECT_THAT(lines(outcome.errors),
              ElementsAre("f:10003:3: queues: expected at most 10000 entries"));
}

TEST(Config, AnErrorShowsWhatTheFileSaysAndNotTheVariablesValue) {
  const ConfigOutcome outcome = parse(
      "version: 1\nfunctions:\n  f:\n    kind: http\n    url: ${SECRET}\n", {{"SECRET", "s3cr3t"}});
  EXPECT_THAT(lines(outcome.errors),
              ElementsAre("f:5:10: functions.f.url: expected an http:// or https:// address, got "
                          "\"${SECRET}\""));
}

TEST(Config, AWrongValueIsShownWithoutControlCharactersAndShortened) {
  const ConfigOutcome outcome =
      parse("version: 1\nserver:\n  region: \"\\e[31m" + std::string(100, 'x') + "\"\n");
  EXPECT_THAT(
      lines(outcome.errors),
      ElementsAre("f:3:11: server.region: expected a region such as us-east-1, got \"?[31m" +
                  std::string(55, 'x') + "...\""));
}

TEST(Config, WarnsBelowSixTimesTheFunctionTimeout) {
  const ConfigOutcome outcome = parse(R"(version: 1
queues: { signup: { visibility_timeout: 29s } }
functions: { quick: { kind: http, url: "http://a", timeout: 5s } }
mappings: [ { queue: signup, function: quick } ]
)");
  EXPECT_TRUE(outcome.config);
  EXPECT_THAT(
      lines(outcome.warnings),
      ElementsAre("f:2:41: queues.signup.visibility_timeout: is 29 seconds, below 6 times the "
                  "timeout of quick (5 seconds): a slow batch may be delivered again while it is "
                  "handled"));
}

TEST(Config, AMissingFileIsAnError) {
  EXPECT_THAT(lines(load_config("/nonexistent/headrace.yaml").errors),
              ElementsAre("f: cannot be read"));
  EXPECT_THAT(lines(load_config("/").errors), ElementsAre("f: cannot be read"));
}

TEST(Config, TheCommentedExampleIsValid) {
  const ConfigOutcome outcome = load_config(HEADRACE_SOURCE_DIR "/config/headrace.yaml");
  EXPECT_THAT(lines(outcome.errors), IsEmpty());
  EXPECT_THAT(lines(outcome.warnings), IsEmpty());
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->store.path, HEADRACE_SOURCE_DIR "/headrace-data");
}

}  // namespace
}  // namespace headrace::runtime
