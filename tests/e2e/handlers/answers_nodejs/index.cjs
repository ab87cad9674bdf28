// Sends an answer to the queue `answers`, through the AWS SDK of the tests beside this folder.
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');

const sqs = new SQSClient();

exports.handler = async (event) => {
  for (const record of event.Records) {
    await sqs.send(new SendMessageCommand({ QueueUrl: 'answers', MessageBody: `${record.body}, answered` }));
  }
};
