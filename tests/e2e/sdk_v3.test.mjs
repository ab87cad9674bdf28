// The AWS SDK for JavaScript v3, unmodified.
import { SQS } from '@aws-sdk/client-sqs';

import { sdkBehaviour } from './support/sdk_behaviour.mjs';

function connect({ endpoint, region, accessKeyId }) {
  const sqs = new SQS({ endpoint, region, credentials: { accessKeyId, secretAccessKey: 'test' } });
  return (action, parameters) => sqs[action](parameters);
}

sdkBehaviour('v3', connect, {
  queueDoesNotExist: {
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  },
});
