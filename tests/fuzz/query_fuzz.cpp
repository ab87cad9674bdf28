// SQS's Query protocol: every action's reader takes any form, and XML can show any text.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "queue/sqs/query_protocol.hpp"
#include "queue/sqs/xml_writer.hpp"

namespace headrace::queue::sqs {
namespace {

template <class... Inputs>
void read_as(const QueryRequest& request, const Caller& caller) {
  (static_cast<void>(parse_query<Inputs>(request, caller)), ...);
}

// Markup of the text must not become markup of the document.
void check_xml(std::string_view text) {
  std::string xml;
  xml_append_text(xml, text);
  HR_CHECK(xml.find_first_of("<>\"\r") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  QueryRequest request;
  request.form.assign(reinterpret_cast<const char*>(data), size);
  request.path = "/000000000000/q";
  for (const std::string_view action : {"SendMessageBatch", "ChangeMessageVisibilityBatch"}) {
    request.action = action;
    read_as<CreateQueueInput, SetQueueAttributesInput, TagQueueInput, UntagQueueInput,
            AddPermissionInput, SendMessageInput, SendMessageBatchInput, ReceiveMessageInput,
            DeleteMessageBatchInput, ChangeMessageVisibilityInput,
            ChangeMessageVisibilityBatchInput>(request, Caller());
  }
  static_cast<void>(find_parameter(request.form, "Action"));
  check_xml(request.form);
  return 0;
}

}  // namespace headrace::queue::sqs
