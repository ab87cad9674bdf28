// Callers who have proven who they are (design 8.10: the account comes from the credential alone).
#include "base/codec.hpp"
#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

constexpr const char* kForeign = "999988887777";
const std::string kForeignUrl = std::string("http://localhost:4566/") + kForeign + "/q";
const std::string kForeignArn = std::string("arn:aws:sqs:us-east-1:") + kForeign + ":q";

class ConfinedCaller : public QueryFixture {
 protected:
  ConfinedCaller() {
    identity_ = HttpIdentity{"AKIDALICE", "111122223333", "eu-west-1"};
    broker_.queues.insert({"us-east-1", kForeign, "q"});
    broker_.queues.insert({"eu-west-1", kForeign, "q"});
    broker_.queues.insert({"eu-west-1", "111122223333", "own"});
  }

  // How often the broker was asked for anything.
  std::size_t asked() const {
    return broker_.deleted_queues.size() + broker_.purged.size() + broker_.described.size() +
           broker_.attributes_set.size() + broker_.sent.size() + broker_.received.size() +
           broker_.removed.size() + broker_.visibility_changed.size() +
           broker_.sources_listed.size() + broker_.tags_changed.size() +
           broker_.permissions_added.size() + broker_.permissions_removed.size() +
           broker_.move_tasks_started.size() + broker_.move_tasks_cancelled.size() +
           broker_.move_tasks_listed.size();
  }
};

TEST_F(ConfinedCaller, HasTheAccountAndRegionOfHisSignature) {
  // What a header says counts for nothing beside it.
  const Headers other = {
      {"authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kForeign +
                            "/20260102/us-west-2/sqs/aws4_request, SignedHeaders=host, "
                            "Signature=0"}};
  EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"own"})", other).body,
            R"({"QueueUrl":"http://localhost:4566/111122223333/own"})");
}

TEST_F(ConfinedCaller, ReachesNoQueueOfAnotherAccount) {
  const std::string url = R"("QueueUrl":")" + kForeignUrl + "\"";
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"SendMessage", R"("MessageBody":"a")"},
      {"SendMessageBatch", R"("Entries":[{"Id":"a","MessageBody":"a"}])"},
      {"ReceiveMessage", R"("MaxNumberOfMessages":1)"},
      {"DeleteMessage", R"("ReceiptHandle":"a")"},
      {"DeleteMessageBatch", R"("Entries":[{"Id":"a","ReceiptHandle":"a"}])"},
      {"ChangeMessageVisibility", R"("ReceiptHandle":"a","VisibilityTimeout":1)"},
      {"ChangeMessageVisibilityBatch",
       R"("Entries":[{"Id":"a","ReceiptHandle":"a","VisibilityTimeout":1}])"},
      {"GetQueueAttributes", R"("AttributeNames":["All"])"},
      {"SetQueueAttributes", R"("Attributes":{"DelaySeconds":"1"})"},
      {"DeleteQueue", R"("x":1)"},
      {"PurgeQueue", R"("x":1)"},
      {"TagQueue", R"("Tags":{"a":"b"})"},
      {"UntagQueue", R"("TagKeys":["a"])"},
      {"ListQueueTags", R"("x":1)"},
      {"AddPermission", R"("Label":"a","AWSAccountIds":["111122223333"],"Actions":["*"])"},
      {"RemovePermission", R"("Label":"a")"},
      {"ListDeadLetterSourceQueues", R"("x":1)"},
  };
  for (const auto& [action, members] : calls) {
    const HttpResponse response = call(action, "{" + url + "," + members + "}");
    EXPECT_EQ(response.status, 403) << action;
    EXPECT_EQ(error_type(response), "AccessDeniedException") << action;
    EXPECT_EQ(error_message(response), "Access to the resource " + kForeignUrl + " is denied.");
  }
  EXPECT_EQ(asked(), 0U);
}

TEST_F(ConfinedCaller, NorByOwnerArnHandleOrPath) {
  const std::string handle = base64_encode(R"({"taskId":"0","sourceArn":")" + kForeignArn + "\"}");
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"GetQueueUrl", R"({"QueueName":"q","QueueOwnerAWSAccountId":"999988887777"})"},
      {"StartMessageMoveTask", R"({"SourceArn":")" + kForeignArn + "\"}"},
      {"StartMessageMoveTask",
       R"({"SourceArn":"arn:aws:sqs:eu-west-1:111122223333:own","DestinationArn":")" + kForeignArn +
           "\"}"},
      {"ListMessageMoveTasks", R"({"SourceArn":")" + kForeignArn + "\"}"},
      {"CancelMessageMoveTask", R"({"TaskHandle":")" + handle + "\"}"},
  };
  for (const auto& [action, body] : calls) {
    const HttpResponse response = call(action, body);
    EXPECT_EQ(response.status, 403) << action << " " << response.body;
    EXPECT_EQ(error_type(response), "AccessDeniedException") << action;
  }
  const HttpResponse by_path =
      post("Action=SendMessage&MessageBody=a", std::string("/") + kForeign + "/q");
  EXPECT_EQ(by_path.status, 403);
  EXPECT_NE(by_path.body.find("<Code>AccessDenied</Code>"), std::string::npos);
  EXPECT_EQ(asked(), 0U);
}

TEST_F(ConfinedCaller, IsTheSenderOfHisMessages) {
  call("SendMessage", R"({"QueueUrl":"own","MessageBody":"a"})");
  ASSERT_EQ(broker_.sent.size(), 1U);
  EXPECT_EQ(broker_.sent[0].entries[0].content.sender_id, "AKIDALICE");
}

// STS: what tools ask before they use SQS.
TEST_F(ConfinedCaller, LearnsWhoHeIs) {
  const HttpResponse response = post("Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(response.status, 200);
  const std::string id = header(response, "x-amzn-RequestId");
  EXPECT_EQ(response.body,
            "<?xml version=\"1.0\"?><GetCallerIdentityResponse "
            "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
            "<Arn>arn:aws:iam::111122223333:user/AKIDALICE</Arn><UserId>AKIDALICE</UserId>"
            "<Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata>"
            "<RequestId>" +
                id + "</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
  identity_.reset();
  const HttpResponse anybody = post("Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_NE(anybody.body.find("<Arn>arn:aws:iam::000000000000:root</Arn>"), std::string::npos);
}

}  // namespace
}  // namespace headrace::queue::sqs
