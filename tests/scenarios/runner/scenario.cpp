#include "tests/scenarios/runner/scenario.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "runtime/config_reader.hpp"

namespace headrace::scenarios {

namespace {

using runtime::ConfigProblem;
using runtime::ConfigReading;
using runtime::ConfigSection;
using runtime::ConfigSource;
using runtime::ConfigValue;

constexpr Duration kWaitMax = std::chrono::days(30);
constexpr std::int64_t kTimesMax = 10'000;

void read_text(ConfigSection& section, const char* key, std::string& target) {
  if (const auto value = section.take(key)) target = value->text().value_or("");
}

void read_duration(ConfigSection& section, const char* key, Duration& target) {
  if (const auto value = section.take(key)) {
    target = value->duration(Duration{0}, kWaitMax).value_or(Duration{0});
  }
}

// What an answer must be; the same for a call and for the answer of one that was for later.
void read_expectation(ConfigSection& section, ConfigReading& reading, Step& step) {
  read_duration(section, "takes", step.duration);
  if (const auto expect = section.take("expect")) step.expect = expect->node();
  if (const auto error = section.take("error")) {
    step.error = error->node();
    if (step.expect) error->add_error("expected either expect or error, got both");
    ConfigSection members(*error, reading);
    for (const char* member : {"code", "type", "status", "message"}) members.take(member);
    members.finish();
  }
  if (const auto save = section.take("save")) {
    for (const ConfigValue& value : ConfigSection(*save, reading).take_all()) {
      step.save.emplace_back(value.node().key, value.text().value_or(""));
    }
  }
}

void read_call(ConfigSection& section, ConfigReading& reading, Step& step) {
  step.kind = Step::Kind::kCall;
  const ConfigValue arguments = *section.take(step.action);
  step.arguments = arguments.node();
  if (step.arguments.kind != Node::Kind::kMapping) arguments.expected("the members of a request");
  if (const auto times = section.take("repeat")) {
    step.times = static_cast<int>(times->integer(1, kTimesMax).value_or(1));
  }
  read_text(section, "later", step.name);
  if (step.name.empty()) read_expectation(section, reading, step);
}

// The key that is an action: AWS's names begin with a capital letter.
std::string action_of(const Node& node) {
  for (const Node& member : node.children) {
    if (std::isupper(static_cast<unsigned char>(member.key[0])) != 0) return member.key;
  }
  return {};
}

Step read_step(const ConfigValue& value, ConfigReading& reading) {
  Step step;
  step.line = value.node().line;
  if (value.node().kind == Node::Kind::kText && value.node().text == "restart") {
    step.kind = Step::Kind::kRestart;
    return step;
  }
  ConfigSection section(value, reading);
  step.action = action_of(value.node());
  if (!step.action.empty()) {
    read_call(section, reading, step);
  } else if (value.node().find("answer") != nullptr) {
    step.kind = Step::Kind::kAnswer;
    read_text(section, "answer", step.name);
    read_expectation(section, reading, step);
  } else if (value.node().find("wait") != nullptr) {
    step.kind = Step::Kind::kWait;
    read_duration(section, "wait", step.duration);
  } else {
    value.expected("an action, answer, wait or restart");
    return step;
  }
  section.finish();
  return step;
}

void read_server(const ConfigValue& value, ConfigReading& reading, queue::Cooldowns& cooldowns) {
  ConfigSection server(value, reading);
  if (const auto section = server.take("cooldowns")) {
    ConfigSection members(*section, reading);
    if (const auto purge = members.take("purge"))
      cooldowns.purge = purge->boolean().value_or(false);
    if (const auto create = members.take("create"))
      cooldowns.create = create->boolean().value_or(false);
    members.finish();
  }
  server.finish();
}

void read_root(const Node& root, ConfigReading& reading, Scenario& scenario) {
  ConfigSection section(ConfigValue(root, "", reading), reading);
  if (const auto title = section.take_required("title")) {
    scenario.title = title->text().value_or("");
  }
  if (const auto source = section.take_required("source")) {
    scenario.source = source->text().value_or("");
  }
  read_text(section, "virtual_only", scenario.virtual_only);
  if (const auto server = section.take("server")) {
    read_server(*server, reading, scenario.cooldowns);
  }
  if (const auto steps = section.take_required("steps")) {
    if (steps->node().kind != Node::Kind::kList) steps->expected("a list of steps");
    std::size_t index = 0;
    for (const Node& step : steps->node().children) {
      const std::string path = "steps[" + std::to_string(index++) + "]";
      scenario.steps.push_back(read_step(ConfigValue(step, path, reading), reading));
    }
  }
  section.finish();
}

Error problems_of(const std::string& file, const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += to_string(file, problem) + "\n";
  return {ErrorCode::kInvalid, std::move(text)};
}

}  // namespace

bool Scenario::restarts() const {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.kind == Step::Kind::kRestart; });
}

Result<Scenario> parse_scenario(const std::string& file, const std::string& text) {
  std::vector<ConfigProblem> errors;
  std::vector<ConfigProblem> warnings;
  const ConfigSource source{text, "", [](const std::string&) { return std::nullopt; }};
  ConfigReading reading{source, errors, warnings};
  const std::optional<Node> root = runtime::parse_config_tree(text, errors);
  Scenario scenario;
  scenario.file = file;
  if (root && errors.empty()) read_root(*root, reading, scenario);
  if (!errors.empty()) return problems_of(file, errors);
  return scenario;
}

Result<Scenario> load_scenario(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return Error{ErrorCode::kNotFound, "cannot read " + file};
  return parse_scenario(file, text.str());
}

}  // namespace headrace::scenarios
