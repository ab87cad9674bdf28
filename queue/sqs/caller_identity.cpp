#include "queue/sqs/caller_identity.hpp"

#include "base/json_writer.hpp"
#include "queue/sqs/xml_writer.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kStsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

std::string render_xml(const std::string& arn, const std::string& user, const std::string& account,
                       std::string_view request_id) {
  std::string text;
  XmlWriter out(text);
  out.begin_document("GetCallerIdentityResponse", kStsNamespace).begin("GetCallerIdentityResult");
  out.element("Arn", arn).element("UserId", user).element("Account", account);
  out.end("GetCallerIdentityResult").begin("ResponseMetadata");
  out.element("RequestId", request_id).end("ResponseMetadata").end("GetCallerIdentityResponse");
  return text;
}

std::string render_json(const std::string& arn, const std::string& user, const std::string& account,
                        std::string_view request_id) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("GetCallerIdentityResponse").begin_object();
  out.key("GetCallerIdentityResult").begin_object();
  out.member("Account", account).member("Arn", arn).member("UserId", user).end_object();
  out.key("ResponseMetadata").begin_object().member("RequestId", request_id).end_object();
  out.end_object().end_object();
  return text;
}

}  // namespace

HttpResponse caller_identity(const Caller& caller, AnswerForm form, std::string_view request_id) {
  const std::string user = caller.confined ? caller.sender_id : caller.account;
  const std::string arn =
      "arn:aws:iam::" + caller.account + (caller.confined ? ":user/" + user : ":root");
  const auto render = form == AnswerForm::kXml ? render_xml : render_json;
  return query_response(render(arn, user, caller.account, request_id), form, request_id);
}

}  // namespace headrace::queue::sqs
