// Sends each line of its input to the queue as one signup, with the AWS SDK for JavaScript v3.
import { createInterface } from "node:readline";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const sqs = new SQSClient({ endpoint: process.env.SQS_ENDPOINT ?? "http://127.0.0.1:4566" });
const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "signup" }));

for await (const line of createInterface({ input: process.stdin })) {
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: line }));
  console.log(`sent ${line} as ${MessageId}`);
}
