// Takes one message from the dead-letter queue, makes JSON of its "NAME <ADDRESS>", sends it anew
// and only then deletes the bad one.
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";

const sqs = new SQSClient({ endpoint: process.env.SQS_ENDPOINT ?? "http://127.0.0.1:4566" });
const { QueueUrl: signup } = await sqs.send(new GetQueueUrlCommand({ QueueName: "signup" }));
const { QueueUrl: dlq } = await sqs.send(new GetQueueUrlCommand({ QueueName: "signup-dlq" }));

const { Messages: [bad] = [] } = await sqs.send(
  new ReceiveMessageCommand({ QueueUrl: dlq, WaitTimeSeconds: 20 }),
);
const [, username, email] = bad?.Body.match(/^(.+) <(.+)>$/) ?? [];
if (!email) {
  console.error(bad ? `cannot repair ${bad.Body}` : "signup-dlq stayed empty for 20 seconds");
  process.exit(1);
}
const MessageBody = JSON.stringify({ username, email });
const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl: signup, MessageBody }));
await sqs.send(new DeleteMessageCommand({ QueueUrl: dlq, ReceiptHandle: bad.ReceiptHandle }));
console.log(`sent ${MessageBody} as ${MessageId}`);
