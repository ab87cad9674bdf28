// AWS JSON 1.0: a request from JSON, its answer to JSON (spec 2.1). Pure. Which members there are
// stands in members.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "queue/sqs/json_reader.hpp"
#include "queue/sqs/members.hpp"

namespace headrace::queue::sqs {

// Lists are arrays, maps are objects.
class JsonAnswer final : public MemberWriter {
 public:
  explicit JsonAnswer(std::string& out) : out_(out) { out_.begin_object(); }
  void end() { out_.end_object(); }

  void text(std::string_view name, std::string_view value) override { out_.member(name, value); }
  void number(std::string_view name, std::int64_t value) override { out_.member(name, value); }
  void boolean(std::string_view name, bool value) override { out_.member(name, value); }
  void texts(std::string_view name, const std::vector<std::string>& values) override;

  void begin_list(std::string_view name) override { out_.key(name).begin_array(); }
  void begin_object() override { out_.begin_object(); }
  void end_object() override { out_.end_object(); }
  void end_list() override { out_.end_array(); }

  void begin_map(std::string_view name) override { out_.key(name).begin_object(); }
  void entry(std::string_view key, std::string_view value) override { out_.member(key, value); }
  void begin_entry(std::string_view key) override { out_.key(key).begin_object(); }
  void end_entry() override { out_.end_object(); }
  void end_map() override { out_.end_object(); }

 private:
  JsonWriter out_;
};

// The document of a request body; an empty body is an empty object.
Result<JsonDocument> parse_json_body(std::string_view body);

// Fails with MalformedInput (SerializationException on the wire) only.
template <class Input>
Result<Input> parse_json(std::string_view body) {
  const auto document = parse_json_body(body);
  if (!document) return document.error();
  std::optional<Error> fault;
  JsonReader reader(document->root(), fault);
  Input input;
  read_members(reader, input);
  if (fault) return *fault;
  return input;
}

template <class Output>
std::string render_json(const Output& output) {
  std::string json;
  JsonAnswer answer(json);
  write_members(answer, output);
  answer.end();
  return json;
}

}  // namespace headrace::queue::sqs
