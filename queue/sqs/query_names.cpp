#include "queue/sqs/query_names.hpp"

#include <algorithm>
#include <array>

namespace headrace::queue::sqs {

namespace {

struct Row {
  std::string_view member;
  std::string_view element;
  std::string_view key = {};
};

constexpr std::array kRows = {
    Row{"Attributes", "Attribute", "Name"},
    Row{"MessageAttributes", "MessageAttribute", "Name"},
    Row{"MessageSystemAttributes", "MessageSystemAttribute", "Name"},
    Row{"Tags", "Tag", "Key"},
    Row{"tags", "Tag", "Key"},
    Row{"TagKeys", "TagKey"},
    Row{"AttributeNames", "AttributeName"},
    Row{"MessageAttributeNames", "MessageAttributeName"},
    Row{"MessageSystemAttributeNames", "MessageSystemAttributeName"},
    Row{"AWSAccountIds", "AWSAccountId"},
    Row{"Actions", "ActionName"},
    Row{"StringListValues", "StringListValue"},
    Row{"BinaryListValues", "BinaryListValue"},
    Row{"QueueUrls", "QueueUrl"},
    Row{"queueUrls", "QueueUrl"},
    Row{"Messages", "Message"},
    Row{"Failed", "BatchResultErrorEntry"},
    Row{"Results", "ListMessageMoveTasksResultEntry"},
};

}  // namespace

QueryName query_name(std::string_view member, std::string_view action) {
  if (member == "Entries") return {std::string(action) + "RequestEntry"};
  if (member == "Successful") return {std::string(action) + "ResultEntry"};
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [member](const Row& r) { return r.member == member; });
  if (row == kRows.end()) return {std::string(member)};
  return {std::string(row->element), row->key};
}

}  // namespace headrace::queue::sqs
