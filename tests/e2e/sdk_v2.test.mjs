// The AWS SDK for JavaScript v2, unmodified.
import aws from 'aws-sdk';

import { sdkBehaviour } from './support/sdk_behaviour.mjs';

function connect({ endpoint, region, accessKeyId }) {
  const sqs = new aws.SQS({ endpoint, region, accessKeyId, secretAccessKey: 'test' });
  return (action, parameters) => sqs[action](parameters).promise();
}

sdkBehaviour('v2', connect, {
  // From the header x-amzn-query-error.
  queueDoesNotExist: {
    code: 'AWS.SimpleQueueService.NonExistentQueue',
    message: 'The specified queue does not exist.',
  },
});
