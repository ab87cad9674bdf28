#include "queue/sqs/query_protocol.hpp"

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "queue/sqs/query_names.hpp"
#include "queue/sqs/wire_errors.hpp"
#include "queue/sqs/xml_writer.hpp"

namespace headrace::queue::sqs {

namespace {

// Lists and maps are repeated elements.
class XmlAnswer final : public MemberWriter {
 public:
  XmlAnswer(XmlWriter& out, std::string_view action) : out_(out), action_(action) {}

  void text(std::string_view name, std::string_view value) override { out_.element(name, value); }
  void number(std::string_view name, std::int64_t value) override {
    out_.element(name, std::to_string(value));
  }
  void boolean(std::string_view name, bool value) override {
    out_.element(name, value ? "true" : "false");
  }
  void texts(std::string_view name, const std::vector<std::string>& values) override {
    const std::string element = query_name(name, action_).element;
    for (const std::string& value : values) out_.element(element, value);
  }

  void begin_list(std::string_view name) override { open_.push_back(query_name(name, action_)); }
  void begin_object() override { out_.begin(open_.back().element); }
  void end_object() override { out_.end(open_.back().element); }
  void end_list() override { open_.pop_back(); }

  void begin_map(std::string_view name) override { begin_list(name); }
  void entry(std::string_view key, std::string_view value) override {
    begin_object();
    out_.element(open_.back().key, key).element("Value", value);
    end_object();
  }
  void begin_entry(std::string_view key) override {
    begin_object();
    out_.element(open_.back().key, key).begin("Value");
  }
  void end_entry() override {
    out_.end("Value");
    end_object();
  }
  void end_map() override { end_list(); }

 private:
  XmlWriter& out_;
  const std::string_view action_;
  std::vector<QueryName> open_;  // the lists and maps around what is written
};

// AWS writes the first letter of these lists small.
std::string_view json_list_name(std::string_view name) {
  if (name == "Messages") return "messages";
  if (name == "QueueUrls") return "queueUrls";
  return name;
}

// A list is an array, a map an array of keys and values.
class QueryJsonAnswer final : public MemberWriter {
 public:
  QueryJsonAnswer(JsonWriter& out, const QueryRequest& request) : out_(out), request_(request) {}

  void text(std::string_view name, std::string_view value) override { out_.member(name, value); }
  void number(std::string_view name, std::int64_t value) override { out_.member(name, value); }
  void boolean(std::string_view name, bool value) override { out_.member(name, value); }
  void texts(std::string_view name, const std::vector<std::string>& values) override {
    begin_list(name);
    for (const std::string& value : values) out_.string(value);
    end_list();
  }

  void begin_list(std::string_view name) override {
    if (request_.answer_form == AnswerForm::kXmlAsJson) {
      out_.key(query_name(name, request_.action).element).begin_array();
    } else {
      out_.key(json_list_name(name)).begin_array();
    }
  }
  void begin_object() override { out_.begin_object(); }
  void end_object() override { out_.end_object(); }
  void end_list() override { out_.end_array(); }

  void begin_map(std::string_view name) override {
    begin_list(name);
    keys_.push_back(query_name(name, request_.action).key);
  }
  void entry(std::string_view key, std::string_view value) override {
    out_.begin_object().member(keys_.back(), key).member("Value", value).end_object();
  }
  void begin_entry(std::string_view key) override {
    out_.begin_object().member(keys_.back(), key).key("Value").begin_object();
  }
  void end_entry() override { out_.end_object().end_object(); }
  void end_map() override {
    keys_.pop_back();
    end_list();
  }

 private:
  JsonWriter& out_;
  const QueryRequest& request_;
  std::vector<std::string_view> keys_;  // of the maps around what is written
};

std::string render_xml(const QueryRequest& request, const WriteMembers& write) {
  const std::string response = std::string(request.action) + "Response";
  const std::string result = std::string(request.action) + "Result";
  std::string text;
  XmlWriter out(text);
  out.begin_document(response, kQueryNamespace);
  if (write) {
    out.begin(result);
    XmlAnswer answer(out, request.action);
    write(answer);
    out.end(result);
  }
  out.begin("ResponseMetadata").element("RequestId", request.request_id).end("ResponseMetadata");
  out.end(response);
  return text;
}

std::string render_json_form(const QueryRequest& request, const WriteMembers& write) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key(std::string(request.action) + "Response").begin_object();
  if (write) {
    out.key(std::string(request.action) + "Result").begin_object();
    QueryJsonAnswer answer(out, request);
    write(answer);
    out.end_object();
  }
  out.key("ResponseMetadata").begin_object().member("RequestId", request.request_id).end_object();
  out.end_object().end_object();
  return text;
}

// AWS has words of its own here for a missing queue (spec 2.3).
std::string_view query_message(const Error& error) {
  if (error.code == ErrorCode::kQueueDoesNotExist) {
    return "The specified queue does not exist for this wsdl version.";
  }
  return error.message;
}

std::string render_xml_error(const Error& error, const WireError& wire,
                             std::string_view request_id) {
  std::string text;
  XmlWriter out(text);
  out.begin_document("ErrorResponse", kQueryNamespace).begin("Error");
  out.element("Type", name_of(wire.fault)).element("Code", wire.query_code);
  out.element("Message", query_message(error)).element("Detail", "").end("Error");
  out.element("RequestId", request_id).end("ErrorResponse");
  return text;
}

std::string render_json_error(const Error& error, const WireError& wire,
                              std::string_view request_id) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("Error").begin_object();
  out.member("Type", name_of(wire.fault)).member("Code", wire.query_code);
  out.member("Message", query_message(error)).end_object();
  out.member("RequestId", request_id).end_object();
  return text;
}

std::string render_error(const Error& error, const WireError& wire, AnswerForm form,
                         std::string_view request_id) {
  switch (form) {
    case AnswerForm::kXml: return render_xml_error(error, wire, request_id);
    case AnswerForm::kJson: return render_json_error(error, wire, request_id);
    case AnswerForm::kXmlAsJson: break;
  }
  return R"({"ErrorResponse":)" + render_json_error(error, wire, request_id) + "}";
}

}  // namespace

Error invalid_action(std::string_view name) {
  return Error{ErrorCode::kUnknownOperation, "The action " + bounded_utf8(name, kShownBytesMax) +
                                                 " is not valid for this endpoint."};
}

void read_query_members(MemberReader& in, CreateQueueInput& out) {
  Text timeout = in.text("DefaultVisibilityTimeout");  // of old documentation and of kombu
  if (timeout) out.attributes.try_emplace("VisibilityTimeout", std::move(*timeout));
}

void read_query_members(MemberReader& in, ReceiveMessageInput& out) {
  Names older = in.names("AttributeNames");  // win here, also over other newer ones (spec 2.3)
  if (!older.empty()) out.system_attribute_names = std::move(older);
}

void read_query_members(MemberReader& in, PeekInput& out) {
  const auto is_on = [&in](std::string_view name) {
    const Text value = in.text(name);
    return value && (*value == "true" || *value == "True" || *value == "1");  // True: of Python
  };
  out.shows_in_flight = is_on("ShowInvisible");
  out.shows_delayed = is_on("ShowDelayed");
}

Status take_queue_from_path(Text& queue_url, const QueryRequest& request, const Caller& caller) {
  if (queue_url && !queue_url->empty()) return {};
  queue_url = percent_decode(request.path, Plus::kLiteral);
  if (queue_url && parse_queue_url(*queue_url, caller)) return {};
  const std::string address = bounded_utf8(caller.endpoint + request.path, kShownBytesMax);
  return Error{ErrorCode::kInvalidAddress,
               "The address " + address + " is not valid for this endpoint."};
}

Status require_service_path(const QueryRequest& request) {
  if (!is_queue_path(request.path)) return {};
  return invalid_action(request.action);
}

std::string render_query_answer(const QueryRequest& request, const WriteMembers& write) {
  return request.answer_form == AnswerForm::kXml ? render_xml(request, write)
                                                 : render_json_form(request, write);
}

HttpResponse query_response(std::string body, AnswerForm form, std::string_view request_id) {
  HttpResponse response;
  response.content_type = form == AnswerForm::kXml ? "text/xml" : "application/json";
  response.headers.emplace_back(kRequestIdHeader, request_id);
  response.body = std::move(body);
  return response;
}

HttpResponse query_error(const Error& error, AnswerForm form, std::string_view request_id) {
  WireError wire = wire_error(error.code);
  if (error.code == ErrorCode::kUnknownOperation) wire.status = 400;  // 404 only in JSON (spec 3.2)
  HttpResponse response =
      query_response(render_error(error, wire, form, request_id), form, request_id);
  response.status = wire.status;
  return response;
}

}  // namespace headrace::queue::sqs
