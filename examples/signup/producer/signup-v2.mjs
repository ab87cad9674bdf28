// The same as signup.mjs with the AWS SDK for JavaScript v2.
import { createInterface } from "node:readline";
import AWS from "aws-sdk";

const sqs = new AWS.SQS({ endpoint: process.env.SQS_ENDPOINT ?? "http://127.0.0.1:4566" });
const { QueueUrl } = await sqs.getQueueUrl({ QueueName: "signup" }).promise();

for await (const line of createInterface({ input: process.stdin })) {
  const params = { QueueUrl, MessageBody: line };
  const { MessageId } = await sqs.sendMessage(params).promise();
  console.log(`sent ${line} as ${MessageId}`);
}
