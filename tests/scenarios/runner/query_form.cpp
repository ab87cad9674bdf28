// AWS Query: forms from members, members from XML, as a client's library does it with AWS's model.
#include <array>
#include <set>

#include "base/json_writer.hpp"
#include "tests/scenarios/runner/wire_form.hpp"
#include "tests/scenarios/runner/xml_element.hpp"

namespace headrace::scenarios {

namespace {

struct MemberName {
  std::string_view member;
  std::string_view element;
  std::string_view key;  // of a map
};

constexpr std::array<MemberName, 13> kRequestNames = {{
    {"Attributes", "Attribute", "Name"},
    {"MessageAttributes", "MessageAttribute", "Name"},
    {"MessageSystemAttributes", "MessageSystemAttribute", "Name"},
    {"tags", "Tag", "Key"},
    {"Tags", "Tag", "Key"},
    {"TagKeys", "TagKey", ""},
    {"AttributeNames", "AttributeName", ""},
    {"MessageAttributeNames", "MessageAttributeName", ""},
    {"MessageSystemAttributeNames", "MessageSystemAttributeName", ""},
    {"AWSAccountIds", "AWSAccountId", ""},
    {"Actions", "ActionName", ""},
    {"StringListValues", "StringListValue", ""},
    {"BinaryListValues", "BinaryListValue", ""},
}};

MemberName request_name(std::string_view member) {
  for (const MemberName& name : kRequestNames) {
    if (name.member == member) return name;
  }
  return {member, member, "Name"};
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    if (is_plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
}

// Writes the parameters of one request.
class FormWriter {
 public:
  explicit FormWriter(const std::string& action) : action_(action) { add("Action", action); }

  void add_members(const std::string& prefix, const JsonValue& object) {
    for (const auto& [name, value] : object.members()) add_member(prefix, std::string(name), value);
  }

  std::string take() { return std::move(form_); }

 private:
  void add(const std::string& name, std::string_view value) {
    if (!form_.empty()) form_ += '&';
    append_encoded(form_, name);
    form_ += '=';
    append_encoded(form_, value);
  }

  void add_value(const std::string& name, const JsonValue& value) {
    if (value.is_object()) {
      add_members(name + ".", value);
    } else if (const auto text = value.as_string()) {
      add(name, *text);
    } else {
      add(name, value.to_json());
    }
  }

  void add_member(const std::string& prefix, const std::string& name, const JsonValue& value) {
    if (value.is_null()) return;
    const MemberName query = request_name(name);
    const std::string list =
        prefix + (name == "Entries" ? action_ + "RequestEntry" : std::string(query.element));
    int number = 0;
    if (value.is_array()) {
      for (const JsonValue& element : value.elements()) {
        add_value(list + "." + std::to_string(++number), element);
      }
      if (number == 0) add(list, "");
    } else if (value.is_object()) {
      for (const auto& [key, entry] : value.members()) {
        const std::string begin = list + "." + std::to_string(++number) + ".";
        add(begin + std::string(query.key), key);
        add_value(begin + "Value", entry);
      }
    } else {
      add_value(prefix + name, value);
    }
  }

  const std::string& action_;
  std::string form_;
};

WireRequest to_query_request(const std::string& action, const std::string& members) {
  FormWriter form(action);
  if (const auto document = JsonDocument::parse(members)) form.add_members("", document->root());
  return {"/", {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}}, form.take()};
}

enum class Kind { kText, kNumber, kBoolean, kList, kMap };

struct Member {
  std::string name;
  Kind kind = Kind::kText;
};

// What the children of an answer's Result stand for.
Member result_member(const std::string& action, const std::string& element) {
  if (element == "Message") return {"Messages", Kind::kList};
  if (element == "QueueUrl" && action == "ListQueues") return {"QueueUrls", Kind::kList};
  if (element == "QueueUrl" && action == "ListDeadLetterSourceQueues") {
    return {"queueUrls", Kind::kList};
  }
  if (element == action + "ResultEntry") {
    return {action == "ListMessageMoveTasks" ? "Results" : "Successful", Kind::kList};
  }
  if (element == "BatchResultErrorEntry") return {"Failed", Kind::kList};
  return {element};
}

Member any_member(const std::string& element) {
  static const std::set<std::string> numbers = {"ApproximateNumberOfMessagesMoved",
                                                "ApproximateNumberOfMessagesToMove",
                                                "MaxNumberOfMessagesPerSecond", "StartedTimestamp"};
  if (element == "Attribute") return {"Attributes", Kind::kMap};
  if (element == "MessageAttribute") return {"MessageAttributes", Kind::kMap};
  if (element == "Tag") return {"Tags", Kind::kMap};
  if (element == "SenderFault") return {element, Kind::kBoolean};
  return {element, numbers.contains(element) ? Kind::kNumber : Kind::kText};
}

// Writes one Result, or a structure in it, as the JSON of an answer.
class AnswerWriter {
 public:
  AnswerWriter(const std::string& action, std::string& json) : action_(action), json_(json) {}

  void write_result(const XmlElement& result) {
    // The model requires this list: a library gives it also when it is empty.
    const bool has_empty_list =
        action_ == "ListDeadLetterSourceQueues" && result.child("QueueUrl").name.empty();
    if (has_empty_list) {
      json_.begin_object().key("queueUrls").begin_array().end_array().end_object();
    } else {
      write_object(result, true);
    }
  }

 private:
  Member member_of(const std::string& element, bool is_result) const {
    Member member = any_member(element);
    if (is_result && member.kind == Kind::kText) member = result_member(action_, element);
    return member;
  }

  void write_object(const XmlElement& object, bool is_result) {
    json_.begin_object();
    std::set<std::string> written;
    for (const XmlElement& child : object.children) {
      if (!written.insert(child.name).second) continue;
      const Member member = member_of(child.name, is_result);
      json_.key(member.name);
      write_member(object, child, member.kind);
    }
    json_.end_object();
  }

  void write_member(const XmlElement& object, const XmlElement& first, Kind kind) {
    switch (kind) {
      case Kind::kText: write_value(first); break;
      case Kind::kNumber:
      case Kind::kBoolean: json_.raw(first.text); break;
      case Kind::kList:
        json_.begin_array();
        for (const XmlElement& child : object.children) {
          if (child.name == first.name) write_value(child);
        }
        json_.end_array();
        break;
      case Kind::kMap:
        json_.begin_object();
        for (const XmlElement& child : object.children) {
          if (child.name != first.name) continue;
          json_.key(child.child(first.name == "Tag" ? "Key" : "Name").text);
          write_value(child.child("Value"));
        }
        json_.end_object();
        break;
    }
  }

  void write_value(const XmlElement& element) {
    if (element.children.empty()) {
      json_.string(element.text);
    } else {
      write_object(element, false);
    }
  }

  const std::string& action_;
  JsonWriter json_;
};

// Libraries know the shape of a code from AWS's model (spec 3.1, 3.2).
std::string type_of(const std::string& code) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypes = {{
      {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"},
      {"QueueAlreadyExists", "QueueNameExists"},
      {"InvalidParameterValue", "InvalidParameterValueException"},
      {"MissingParameter", "MissingRequiredParameterException"},
      {"MalformedInput", "SerializationException"},
      {"InvalidAction", "UnknownOperationException"},
  }};
  for (const auto& [known, type] : kTypes) {
    if (known == code) return std::string(type);
  }
  return code.substr(code.rfind('.') + 1);
}

// Scenarios have the words of JSON, which differ for one error (spec 2.3).
std::string json_words(const std::string& message) {
  constexpr std::string_view kTail = " for this wsdl version.";
  if (!message.ends_with(kTail)) return message;
  return message.substr(0, message.size() - kTail.size()) + ".";
}

Result<Answer> to_query_error(const XmlElement& root, const HttpResponse& response) {
  const XmlElement& error = root.child("Error");
  const std::string fault = response.status < 500 ? "Sender" : "Receiver";
  if (root.name != "ErrorResponse" || error.child("Type").text != fault) {
    return Error{ErrorCode::kInvalid, "not an error of the protocol: " + response.body};
  }
  const std::string code = error.child("Code").text;
  return to_error_answer(
      {code, type_of(code), response.status, json_words(error.child("Message").text)});
}

Result<Answer> to_query_answer(const std::string& action, const HttpResponse& response) {
  const auto root = parse_xml(response.body);
  if (!root) return root.error();
  if (response.status != 200) return to_query_error(*root, response);
  const std::string request_id = root->child("ResponseMetadata").child("RequestId").text;
  if (root->name != action + "Response" || request_id != header_of(response, "x-amzn-requestid")) {
    return Error{ErrorCode::kInvalid, "not an answer of the protocol: " + response.body};
  }
  std::string json;
  AnswerWriter(action, json).write_result(root->child(action + "Result"));
  auto members = JsonDocument::parse(json);
  if (!members) return members.error();
  return Answer{response.status, std::move(*members)};
}

}  // namespace

const WireForm kQueryForm = {&to_query_request, &to_query_answer};

}  // namespace headrace::scenarios
