// SQS's JSON protocol: every action's reader takes any body.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "queue/sqs/json_protocol.hpp"

namespace headrace::queue::sqs {
namespace {

template <class... Inputs>
void read_as(std::string_view body) {
  (static_cast<void>(parse_json<Inputs>(body)), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  read_as<CreateQueueInput, ListQueuesInput, GetQueueAttributesInput, SetQueueAttributesInput,
          SendMessageInput, SendMessageBatchInput, ReceiveMessageInput, DeleteMessageInput,
          DeleteMessageBatchInput, ChangeMessageVisibilityInput, ChangeMessageVisibilityBatchInput>(
      body);
  return 0;
}

}  // namespace headrace::queue::sqs
