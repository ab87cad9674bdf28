// The members of each action's request and answer, by AWS's names (spec 1), for every wire form: a
// protocol is a MemberReader and a MemberWriter, and says nothing about any single action. Pure; no
// rule of SQS lives here but what is left out of an answer (spec 2.6).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/sqs/peek.hpp"
#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

// Reads the members of one structure of a request. What is absent is empty. A member of a wrong
// form becomes the error of the whole request; its reader reports it after all was read.
class MemberReader {
 public:
  using Visit = std::function<void(MemberReader& object)>;
  using VisitEntry = std::function<void(std::string_view key, MemberReader& value)>;

  virtual ~MemberReader() = default;

  virtual Text text(std::string_view name) = 0;
  virtual Text blob(std::string_view name) = 0;  // decoded
  virtual Integer integer(std::string_view name) = 0;
  virtual Names names(std::string_view name) = 0;
  virtual std::optional<AttributeMap> text_map(std::string_view name) = 0;

  // Of a list of structures, and of a map of structures.
  virtual void each_object(std::string_view name, const Visit& visit) = 0;
  virtual void each_entry(std::string_view name, const VisitEntry& visit) = 0;
};

// Writes the members of one answer, in the order of the calls. Calls nest: an object stands in a
// list, an entry in a map.
class MemberWriter {
 public:
  virtual ~MemberWriter() = default;

  virtual void text(std::string_view name, std::string_view value) = 0;
  virtual void number(std::string_view name, std::int64_t value) = 0;
  virtual void boolean(std::string_view name, bool value) = 0;
  virtual void texts(std::string_view name, const std::vector<std::string>& values) = 0;

  virtual void begin_list(std::string_view name) = 0;
  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  virtual void end_list() = 0;

  virtual void begin_map(std::string_view name) = 0;
  virtual void entry(std::string_view key, std::string_view value) = 0;
  virtual void begin_entry(std::string_view key) = 0;
  virtual void end_entry() = 0;
  virtual void end_map() = 0;
};

void read_members(MemberReader& in, CreateQueueInput& out);
void read_members(MemberReader& in, DeleteQueueInput& out);
void read_members(MemberReader& in, PurgeQueueInput& out);
void read_members(MemberReader& in, GetQueueUrlInput& out);
void read_members(MemberReader& in, ListQueuesInput& out);
void read_members(MemberReader& in, GetQueueAttributesInput& out);
void read_members(MemberReader& in, SetQueueAttributesInput& out);
void read_members(MemberReader& in, TagQueueInput& out);
void read_members(MemberReader& in, UntagQueueInput& out);
void read_members(MemberReader& in, ListQueueTagsInput& out);
void read_members(MemberReader& in, AddPermissionInput& out);
void read_members(MemberReader& in, RemovePermissionInput& out);
void read_members(MemberReader& in, ListDeadLetterSourceQueuesInput& out);
void read_members(MemberReader& in, StartMessageMoveTaskInput& out);
void read_members(MemberReader& in, CancelMessageMoveTaskInput& out);
void read_members(MemberReader& in, ListMessageMoveTasksInput& out);
void read_members(MemberReader& in, SendMessageInput& out);
void read_members(MemberReader& in, SendMessageBatchInput& out);
void read_members(MemberReader& in, ReceiveMessageInput& out);
void read_members(MemberReader& in, PeekInput& out);
void read_members(MemberReader& in, DeleteMessageInput& out);
void read_members(MemberReader& in, DeleteMessageBatchInput& out);
void read_members(MemberReader& in, ChangeMessageVisibilityInput& out);
void read_members(MemberReader& in, ChangeMessageVisibilityBatchInput& out);

void write_members(MemberWriter& out, const EmptyOutput& output);
void write_members(MemberWriter& out, const QueueUrlOutput& output);
void write_members(MemberWriter& out, const ListQueuesOutput& output);
void write_members(MemberWriter& out, const AttributesOutput& output);
void write_members(MemberWriter& out, const SourceQueuesOutput& output);
void write_members(MemberWriter& out, const TagsOutput& output);
void write_members(MemberWriter& out, const TaskHandleOutput& output);
void write_members(MemberWriter& out, const MovedOutput& output);
void write_members(MemberWriter& out, const MoveTasksOutput& output);
void write_members(MemberWriter& out, const SendMessageOutput& output);
void write_members(MemberWriter& out, const SendMessageBatchOutput& output);
void write_members(MemberWriter& out, const EntriesOutput& output);
void write_members(MemberWriter& out, const ReceiveMessageOutput& output);
void write_members(MemberWriter& out, const PeekOutput& output);

}  // namespace headrace::queue::sqs
