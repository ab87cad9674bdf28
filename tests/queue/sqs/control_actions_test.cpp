// Tags, permissions, dead-letter sources and move tasks as requests and answers (SQS spec 1, 3.4,
// 4.5 to 4.7, 8.3).
#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

using NameList = std::vector<std::string>;

class ControlActionsTest : public SqsFixture {
 protected:
  std::string refusal(const std::string& action, const std::string& json) {
    const HttpResponse response = call(action, json);
    return response.status == 200 ? "" : error_type(response) + ": " + error_message(response);
  }
  static std::string invalid(const std::string& message) {
    return "InvalidParameterValueException: " + message;
  }
  static std::string missing(const std::string& member) {
    return "MissingRequiredParameterException: The request must contain the parameter " + member +
           ".";
  }
};

// T060
TEST_F(ControlActionsTest, TagsAreSetRemovedAndListed) {
  EXPECT_EQ(call("TagQueue", send(R"("Tags":{"team":"billing","empty":""})")).body, "{}");
  EXPECT_EQ(broker_.tags_changed.at(0).set, (TagMap{{"team", "billing"}, {"empty", ""}}));
  EXPECT_EQ(call("UntagQueue", send(R"("TagKeys":["team","other"])")).body, "{}");
  EXPECT_EQ(broker_.tags_changed.at(1).removed, (std::vector<std::string>{"team", "other"}));
  EXPECT_EQ(call("ListQueueTags", send(R"("x":1)")).body, "{}");
  broker_.description.tags = {{"a", "1"}, {"b", ""}};
  EXPECT_EQ(call("ListQueueTags", send(R"("x":1)")).body, R"({"Tags":{"a":"1","b":""}})");
}

// T061
TEST_F(ControlActionsTest, TagsOfAMissingQueueAreRefused) {
  for (const char* action : {"TagQueue", "UntagQueue", "ListQueueTags"}) {
    EXPECT_EQ(error_type(call(action, R"({"QueueUrl":"no","Tags":{"a":"b"},"TagKeys":["a"]})")),
              "QueueDoesNotExist")
        << action;
  }
}

TEST_F(ControlActionsTest, TagsKeepTheirForm) {
  EXPECT_EQ(refusal("TagQueue", send(R"("x":1)")), missing("Tags"));
  EXPECT_EQ(refusal("UntagQueue", send(R"("x":1)")), missing("TagKeys"));
  const auto tag = [this](const std::string& key, const std::string& value) {
    return refusal("TagQueue", send(R"("Tags":{")" + key + R"(":")" + value + "\"}"));
  };
  const std::string letter = "é";  // two bytes, one character
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += letter;
  EXPECT_EQ(tag(longest, longest + longest), "");
  EXPECT_EQ(tag(longest + letter, ""),
            invalid("Tag keys must be between 1 and 128 characters in length."));
  EXPECT_EQ(tag("", ""), invalid("Tag keys must be between 1 and 128 characters in length."));
  EXPECT_NE(tag("k", longest + longest + letter), "");
  EXPECT_EQ(tag("a B9_.:/=+-@", "a B9_.:/=+-@"), "");
  EXPECT_NE(tag("a!", ""), "");
  EXPECT_NE(tag(R"(a\ufffe)", ""), "");
  EXPECT_NE(tag("k", R"(\uffff)"), "");
  EXPECT_NE(tag("aws:mine", ""), "");
}

// T063
TEST_F(ControlActionsTest, PermissionsReachTheBroker) {
  EXPECT_EQ(call("AddPermission", send(R"("Label":"l","AWSAccountIds":["111122223333"],)"
                                       R"("Actions":["SendMessage","*"])"))
                .body,
            "{}");
  ASSERT_EQ(broker_.permissions_added.size(), 1U);
  EXPECT_EQ(broker_.permissions_added[0].label, "l");
  EXPECT_EQ(broker_.permissions_added[0].accounts, NameList{"111122223333"});
  EXPECT_EQ(broker_.permissions_added[0].actions, (NameList{"SendMessage", "*"}));
  EXPECT_EQ(call("RemovePermission", send(R"("Label":"l")")).body, "{}");
  EXPECT_EQ(broker_.permissions_removed, NameList{"l"});
}

// T066
TEST_F(ControlActionsTest, PermissionsKeepTheirForm) {
  const auto add = [this](const std::string& label, const std::string& account,
                          const std::string& actions) {
    return refusal("AddPermission", send(R"("Label":")" + label + R"(","AWSAccountIds":[)" +
                                         account + R"(],"Actions":[)" + actions + "]"));
  };
  const std::string account = R"("111122223333")";
  EXPECT_EQ(add("", account, R"("*")"), missing("Label"));
  EXPECT_EQ(add("l", "", R"("*")"), missing("AWSAccountIds"));
  EXPECT_EQ(add("l", account, ""), missing("Actions"));
  EXPECT_NE(add("a b", account, R"("*")"), "");
  EXPECT_NE(add("l", R"("11")", R"("*")"), "");
  EXPECT_EQ(add("l", account, R"("CreateQueue")"),
            invalid("Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the "
                    "queue owner is allowed to invoke this action."));
  EXPECT_EQ(add("l", account, R"("Nonsense")"),
            invalid("Value SQS:Nonsense for parameter ActionName is invalid. Reason: Please refer "
                    "to the appropriate WSDL for a list of valid actions."));
  const std::string one = R"("SendMessage")";
  const std::string eight =
      one + "," + one + "," + one + "," + one + "," + one + "," + one + "," + one + "," + one;
  EXPECT_EQ(add("l", account, eight), "OverLimit: 8 Actions were found, maximum allowed is 7.");
  std::string accounts = account;
  for (int i = 1; i < 50; ++i) accounts += "," + account;
  EXPECT_EQ(add("l", accounts, one), "");
  EXPECT_EQ(add("l", accounts + "," + account, one),
            "OverLimit: 51 Principals were found, maximum allowed is 50.");
  EXPECT_EQ(refusal("RemovePermission", send(R"("x":1)")), missing("Label"));
}

// T150
TEST_F(ControlActionsTest, SourcesAreListedWithALowerCaseMember) {
  EXPECT_EQ(call("ListDeadLetterSourceQueues", send(R"("x":1)")).body, R"({"queueUrls":[]})");
  broker_.list.queues = {address("a"), address("b")};
  EXPECT_EQ(call("ListDeadLetterSourceQueues", send(R"("x":1)")).body,
            R"({"queueUrls":["http://localhost:4566/000000000000/a",)"
            R"("http://localhost:4566/000000000000/b"]})");
}

TEST_F(ControlActionsTest, SourcesArePaged) {
  broker_.list.queues = {address("a")};
  broker_.list.more = true;
  const HttpResponse first = call("ListDeadLetterSourceQueues", send(R"("MaxResults":1)"));
  const std::string mark = R"("NextToken":")";
  const std::size_t at = first.body.find(mark);
  ASSERT_NE(at, std::string::npos) << first.body;
  const std::size_t begin = at + mark.size();
  const std::string token = first.body.substr(begin, first.body.find('"', begin) - begin);
  call("ListDeadLetterSourceQueues", send(R"("MaxResults":1,"NextToken":")" + token + "\""));
  EXPECT_EQ(broker_.sources_listed.at(1).after, "a");
  EXPECT_EQ(broker_.sources_listed.at(1).limit, 1U);
  EXPECT_NE(refusal("ListDeadLetterSourceQueues", send(R"("NextToken":"x")")), "");
  EXPECT_NE(refusal("ListDeadLetterSourceQueues", send(R"("MaxResults":1001)")), "");
}

TEST_F(ControlActionsTest, MoveTasksAreStartedAndCancelled) {
  EXPECT_EQ(
      call("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dlq",)"
                                   R"("DestinationArn":"arn:aws:sqs:us-east-1:000000000000:q",)"
                                   R"("MaxNumberOfMessagesPerSecond":500})")
          .body,
      R"({"TaskHandle":"handle"})");
  ASSERT_EQ(broker_.move_tasks_started.size(), 1U);
  EXPECT_EQ(broker_.move_tasks_started[0].source_arn, "arn:aws:sqs:us-east-1:000000000000:dlq");
  EXPECT_EQ(broker_.move_tasks_started[0].destination_arn, "arn:aws:sqs:us-east-1:000000000000:q");
  EXPECT_EQ(broker_.move_tasks_started[0].per_second, 500);
  EXPECT_EQ(call("CancelMessageMoveTask", R"({"TaskHandle":"handle"})").body,
            R"({"ApproximateNumberOfMessagesMoved":7})");
  EXPECT_EQ(broker_.move_tasks_cancelled, NameList{"handle"});
}

TEST_F(ControlActionsTest, MoveTasksKeepTheirForm) {
  EXPECT_EQ(refusal("StartMessageMoveTask", "{}"), missing("SourceArn"));
  EXPECT_EQ(refusal("StartMessageMoveTask", R"({"SourceArn":"dlq"})"),
            invalid("You must use this format to specify the SourceArn: "
                    "arn:<partition>:<service>:<region>:<account-id>:<resource-id>"));
  const std::string rate = invalid(
      "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter "
      "a number that's between 1 and 500.");
  for (const char* number : {"0", "501", "-1"}) {
    EXPECT_EQ(
        refusal("StartMessageMoveTask", R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dlq",)"
                                        R"("MaxNumberOfMessagesPerSecond":)" +
                                            std::string(number) + "}"),
        rate);
  }
  EXPECT_EQ(refusal("CancelMessageMoveTask", "{}"), missing("TaskHandle"));
  EXPECT_EQ(refusal("ListMessageMoveTasks",
                    R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dlq","MaxResults":11})"),
            invalid("Value for parameter MaxResults is invalid. Reason: You must enter a number "
                    "that's between 1 and 10."));
  EXPECT_EQ(refusal("ListMessageMoveTasks", "{}"), missing("SourceArn"));
}

// T152, T154, T156: which members stand when.
TEST_F(ControlActionsTest, MoveTasksAreListedWithWhatTheyHave) {
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:dlq";
  EXPECT_EQ(call("ListMessageMoveTasks", R"({"SourceArn":")" + arn + "\"}").body, "{}");
  EXPECT_EQ(broker_.move_tasks_listed.at(0), std::make_pair(arn, std::size_t{1}));
  MoveTask running;
  running.id = "1";
  running.request = {arn, "", 5};
  running.started = from_epoch_ms(1700000000123);
  running.to_move = 9;
  running.moved = 4;
  MoveTask failed = running;
  failed.status = MoveTaskStatus::kFailed;
  failed.failure_reason = "AWS.SimpleQueueService.NonExistentQueue";
  failed.request = {arn, "arn:aws:sqs:us-east-1:000000000000:q", std::nullopt};
  broker_.move_tasks = {running, failed};
  EXPECT_EQ(call("ListMessageMoveTasks", R"({"SourceArn":")" + arn + R"(","MaxResults":10})").body,
            R"({"Results":[{"TaskHandle":")" + make_task_handle(running) +
                R"(","Status":"RUNNING","SourceArn":")" + arn +
                R"(","MaxNumberOfMessagesPerSecond":5,"ApproximateNumberOfMessagesMoved":4,)"
                R"("ApproximateNumberOfMessagesToMove":9,"StartedTimestamp":1700000000123},)"
                R"({"Status":"FAILED","SourceArn":")" +
                arn +
                R"(","DestinationArn":"arn:aws:sqs:us-east-1:000000000000:q",)"
                R"("ApproximateNumberOfMessagesMoved":4,"ApproximateNumberOfMessagesToMove":9,)"
                R"("FailureReason":"AWS.SimpleQueueService.NonExistentQueue",)"
                R"("StartedTimestamp":1700000000123}]})");
}

TEST_F(ControlActionsTest, ErrorsOfMoveTasksAreNotFound) {
  broker_.refusal = Error{ErrorCode::kResourceNotFound, "Task does not exist."};
  const HttpResponse response = call("CancelMessageMoveTask", R"({"TaskHandle":"x"})");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"__type":"com.amazonaws.sqs#ResourceNotFoundException",)"
                           R"("message":"Task does not exist."})");
  EXPECT_EQ(header(response, "x-amzn-query-error"), "ResourceNotFoundException;Sender");
}

TEST_F(ControlActionsTest, CooldownsHaveTheirCodesAndStatuses) {
  broker_.refusal = Error{ErrorCode::kPurgeQueueInProgress, "x"};
  const HttpResponse purge = call("PurgeQueue", send(R"("x":1)"));
  EXPECT_EQ(purge.status, 403);
  EXPECT_EQ(header(purge, "x-amzn-query-error"),
            "AWS.SimpleQueueService.PurgeQueueInProgress;Sender");
  broker_.refusal = Error{ErrorCode::kQueueDeletedRecently, "x"};
  const HttpResponse create = call("CreateQueue", R"({"QueueName":"q"})");
  EXPECT_EQ(create.status, 400);
  EXPECT_EQ(header(create, "x-amzn-query-error"),
            "AWS.SimpleQueueService.QueueDeletedRecently;Sender");
}

}  // namespace
}  // namespace headrace::queue::sqs
