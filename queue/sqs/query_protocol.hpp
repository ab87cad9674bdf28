// AWS Query: a request from a form, its answer to XML, or to the same in JSON for a caller that
// asks for it (spec 2.2, 2.3). Pure. Which members there are stands in members.hpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/http.hpp"
#include "queue/sqs/caller.hpp"
#include "queue/sqs/members.hpp"
#include "queue/sqs/query_reader.hpp"

namespace headrace::queue::sqs {

// kXmlAsJson is ours, for peeks: in kJson lists have names of their own, here those of the
// elements.
enum class AnswerForm { kXml, kJson, kXmlAsJson };

struct QueryRequest {
  std::string form;  // of body and URL, still encoded
  std::string path;  // of the URL: names the queue when QueueUrl does not
  std::string_view action;
  std::string_view request_id;
  AnswerForm answer_form = AnswerForm::kXml;
};

// What only the Query protocol reads of a request.
template <class Input>
void read_query_members(MemberReader&, Input&) {}
void read_query_members(MemberReader& in, CreateQueueInput& out);
void read_query_members(MemberReader& in, ReceiveMessageInput& out);
void read_query_members(MemberReader& in, PeekInput& out);

Error invalid_action(std::string_view name);

// The URL as the queue when `queue_url` says none. Fails with InvalidAddress when neither does.
Status take_queue_from_path(Text& queue_url, const QueryRequest& request, const Caller& caller);
// Fails with InvalidAction on the URL of a queue: AWS takes there only what is for one queue.
Status require_service_path(const QueryRequest& request);

// Fails with MalformedInput, MissingParameter and what the two functions above say.
template <class Input>
Result<Input> parse_query(const QueryRequest& request, const Caller& caller) {
  const Result<Form> form = parse_form(request.form);
  if (!form) return form.error();
  std::optional<Error> fault;
  QueryReader reader(*form, request.action, fault);
  Input input;
  read_members(reader, input);
  read_query_members(reader, input);
  Status address;
  if constexpr (NamesItsQueue<Input>) {
    address = take_queue_from_path(input.queue_url, request, caller);
  } else {
    address = require_service_path(request);
  }
  if (!address) return address.error();
  if (fault) return *fault;
  return input;
}

// The envelope of an answer around the members that `write` writes; without it the action is one
// that answers nothing.
using WriteMembers = std::function<void(MemberWriter& out)>;
std::string render_query_answer(const QueryRequest& request, const WriteMembers& write);

template <class Output>
std::string render_query(const QueryRequest& request, const Output& output) {
  WriteMembers write;
  if constexpr (!std::is_same_v<Output, EmptyOutput>) {
    write = [&output](MemberWriter& out) { write_members(out, output); };
  }
  return render_query_answer(request, write);
}

// The whole response.
HttpResponse query_response(std::string body, AnswerForm form, std::string_view request_id);
HttpResponse query_error(const Error& error, AnswerForm form, std::string_view request_id);

}  // namespace headrace::queue::sqs
