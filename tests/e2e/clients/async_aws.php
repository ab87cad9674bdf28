<?php
// AsyncAws for PHP, unmodified, as Debian 12 has it. It speaks the Query protocol.

use AsyncAws\Core\Exception\Http\ClientException;
use AsyncAws\Sqs\Exception\QueueDoesNotExistException;
use AsyncAws\Sqs\SqsClient;

require_once 'AsyncAws/Sqs/autoload.php';

// Computed from AWS's algorithm, and recorded on AWS.
const THREE_ATTRIBUTES_MD5 = 'd3ebd7df0f4580a1b7a77feb8a9c4805';
const THREE_ATTRIBUTES = [
    'Zeta' => ['DataType' => 'String', 'StringValue' => 'é'],
    'blob' => ['DataType' => 'Binary.png', 'BinaryValue' => "\x00\x01\xff"],
    'Count' => ['DataType' => 'Number.int', 'StringValue' => '42'],
];

$sqs = new SqsClient([
    'endpoint' => getenv('HEADRACE_URL'),
    'region' => 'us-east-1',
    'accessKeyId' => 'test',
    'accessKeySecret' => 'test',
]);

function expect(string $what, mixed $got, mixed $want): void
{
    if ($got !== $want) {
        throw new Exception("$what: got " . var_export($got, true) . ', want ' . var_export($want, true));
    }
}

function new_queue(array $attributes = [], string $suffix = ''): string
{
    global $sqs;
    static $queues = 0;
    $name = 'php-' . ++$queues . $suffix;

    return $sqs->createQueue(['QueueName' => $name, 'Attributes' => $attributes])->getQueueUrl();
}

function receive(string $queue, int $wait = 0): array
{
    global $sqs;

    return $sqs->receiveMessage([
        'QueueUrl' => $queue,
        'MaxNumberOfMessages' => 10,
        'WaitTimeSeconds' => $wait,
        'AttributeNames' => ['All'],
        'MessageAttributeNames' => ['All'],
    ])->getMessages();
}

function bodies(array $messages): array
{
    return array_map(fn ($message) => $message->getBody(), $messages);
}

function attributes(string $queue): array
{
    global $sqs;

    return $sqs->getQueueAttributes(['QueueUrl' => $queue, 'AttributeNames' => ['All']])->getAttributes();
}

$tests = [];

$tests['a queue is created, found, listed and deleted'] = function () use ($sqs) {
    $queue = new_queue(['VisibilityTimeout' => '45']);
    $name = basename($queue);
    expect('URL', $queue, getenv('HEADRACE_URL') . "/000000000000/$name");
    expect('found', $sqs->getQueueUrl(['QueueName' => $name])->getQueueUrl(), $queue);
    expect('exists', $sqs->queueExists(['QueueName' => $name])->isSuccess(), true);
    $listed = $sqs->listQueues(['QueueNamePrefix' => $name])->getQueueUrls();
    expect('listed', iterator_to_array($listed, false), [$queue]);
    expect('VisibilityTimeout', attributes($queue)['VisibilityTimeout'], '45');
    $sqs->deleteQueue(['QueueUrl' => $queue])->resolve();
    expect('exists', $sqs->queueExists(['QueueName' => $name])->isSuccess(), false);
};

$tests['queues are listed in pages'] = function () use ($sqs) {
    $queues = [new_queue([], '-page'), new_queue([], '-page'), new_queue([], '-page')];
    $listed = $sqs->listQueues(['QueueNamePrefix' => 'php-', 'MaxResults' => 2])->getQueueUrls();
    $pages = array_filter(iterator_to_array($listed, false), fn ($url) => str_ends_with($url, '-page'));
    sort($pages);
    expect('listed', $pages, $queues);
};

$tests['a message comes back as it was sent'] = function () use ($sqs) {
    $queue = new_queue();
    $body = "line\r\nnext\t\"quoted\" & <tag> é ✓ 😀";
    $sent = $sqs->sendMessage([
        'QueueUrl' => $queue, 'MessageBody' => $body, 'MessageAttributes' => THREE_ATTRIBUTES,
    ]);
    expect('MD5OfMessageBody', $sent->getMD5OfMessageBody(), md5($body));
    expect('MD5OfMessageAttributes', $sent->getMD5OfMessageAttributes(), THREE_ATTRIBUTES_MD5);
    [$message] = receive($queue);
    expect('MessageId', $message->getMessageId(), $sent->getMessageId());
    expect('Body', $message->getBody(), $body);
    expect('MD5OfMessageAttributes', $message->getMD5OfMessageAttributes(), THREE_ATTRIBUTES_MD5);
    $attributes = $message->getMessageAttributes();
    expect('blob', $attributes['blob']->getBinaryValue(), "\x00\x01\xff");
    expect('Zeta', $attributes['Zeta']->getStringValue(), 'é');
    expect('Count', $attributes['Count']->getDataType(), 'Number.int');
    expect('ApproximateReceiveCount', $message->getAttributes()['ApproximateReceiveCount'], '1');
};

$tests['a batch is sent, received and deleted, bad entries fail alone'] = function () use ($sqs) {
    $queue = new_queue(['MaximumMessageSize' => '1024']);
    $bodies = array_map(fn ($i) => "body $i ✓", range(0, 8));
    $entries = [['Id' => 'large', 'MessageBody' => str_repeat('x', 1025)]];
    foreach ($bodies as $i => $body) {
        $entries[] = ['Id' => "id-$i", 'MessageBody' => $body];
    }
    $sent = $sqs->sendMessageBatch(['QueueUrl' => $queue, 'Entries' => $entries]);
    expect('successful', count($sent->getSuccessful()), 9);
    expect('failed', $sent->getFailed()[0]->getId(), 'large');
    expect('code', $sent->getFailed()[0]->getCode(), 'InvalidParameterValue');
    expect('fault', $sent->getFailed()[0]->getSenderFault(), true);

    $messages = receive($queue);
    $received = bodies($messages);
    sort($received);
    expect('bodies', $received, $bodies);
    $handles = [['Id' => 'bad', 'ReceiptHandle' => 'garbage']];
    foreach ($messages as $i => $message) {
        $handles[] = ['Id' => "$i", 'ReceiptHandle' => $message->getReceiptHandle()];
    }
    $deleted = $sqs->deleteMessageBatch(['QueueUrl' => $queue, 'Entries' => $handles]);
    expect('deleted', count($deleted->getSuccessful()), 9);
    expect('failed', $deleted->getFailed()[0]->getCode(), 'ReceiptHandleIsInvalid');
    expect('in flight', attributes($queue)['ApproximateNumberOfMessagesNotVisible'], '0');
};

$tests['a long poll is ended by its time, or by a message sent beside it'] = function () use ($sqs) {
    $queue = new_queue();
    $begin = microtime(true);
    expect('messages', receive($queue, 1), []);
    $took = microtime(true) - $begin;
    expect("between 0.95 and 5 s: $took", $took >= 0.95 && $took < 5, true);

    $begin = microtime(true);
    $waiting = $sqs->receiveMessage(['QueueUrl' => $queue, 'WaitTimeSeconds' => 20]);
    expect('waits', $waiting->resolve(0.3), false);
    $sqs->sendMessage(['QueueUrl' => $queue, 'MessageBody' => 'wake up'])->resolve();
    expect('bodies', bodies($waiting->getMessages()), ['wake up']);
    $took = microtime(true) - $begin;
    expect("less than 10 s: $took", $took < 10, true);
};

$tests['visibility is changed and a deleted message does not come back'] = function () use ($sqs) {
    $queue = new_queue();
    $sent = $sqs->sendMessage(['QueueUrl' => $queue, 'MessageBody' => 'again']);
    $sent->resolve();
    [$first] = receive($queue);
    expect('hidden', receive($queue), []);
    $sqs->changeMessageVisibility([
        'QueueUrl' => $queue, 'ReceiptHandle' => $first->getReceiptHandle(), 'VisibilityTimeout' => 0,
    ])->resolve();
    [$second] = receive($queue);
    expect('MessageId', $second->getMessageId(), $sent->getMessageId());
    expect('ApproximateReceiveCount', $second->getAttributes()['ApproximateReceiveCount'], '2');
    $changed = $sqs->changeMessageVisibilityBatch(['QueueUrl' => $queue, 'Entries' => [
        ['Id' => 'one', 'ReceiptHandle' => $second->getReceiptHandle(), 'VisibilityTimeout' => 0],
    ]]);
    expect('changed', $changed->getSuccessful()[0]->getId(), 'one');
    [$third] = receive($queue);
    $sqs->deleteMessage(['QueueUrl' => $queue, 'ReceiptHandle' => $third->getReceiptHandle()])->resolve();
    expect('left', attributes($queue)['ApproximateNumberOfMessagesNotVisible'], '0');
};

$tests['a delayed message appears when its delay is over'] = function () use ($sqs) {
    $queue = new_queue();
    $sqs->sendMessage(['QueueUrl' => $queue, 'MessageBody' => 'later', 'DelaySeconds' => 1])->resolve();
    expect('messages', receive($queue), []);
    expect('bodies', bodies(receive($queue, 10)), ['later']);
};

$tests['a FIFO queue keeps the order of a group and drops duplicates'] = function () use ($sqs) {
    $queue = new_queue(['FifoQueue' => 'true'], '.fifo');
    foreach (['a', 'b', 'b', 'c'] as $body) {
        $sent = $sqs->sendMessage([
            'QueueUrl' => $queue, 'MessageBody' => $body, 'MessageGroupId' => 'g',
            'MessageDeduplicationId' => $body,
        ]);
        expect('digits of SequenceNumber', strlen($sent->getSequenceNumber()), 20);
    }
    $messages = receive($queue);
    expect('bodies', bodies($messages), ['a', 'b', 'c']);
    expect('MessageGroupId', $messages[0]->getAttributes()['MessageGroupId'], 'g');
};

$tests['a message moves to its dead-letter queue'] = function () use ($sqs) {
    $dead = new_queue();
    $policy = ['deadLetterTargetArn' => attributes($dead)['QueueArn'], 'maxReceiveCount' => 1];
    $source = new_queue(['VisibilityTimeout' => '0', 'RedrivePolicy' => json_encode($policy)]);
    $sent = $sqs->sendMessage(['QueueUrl' => $source, 'MessageBody' => 'poison']);
    $sent->resolve();
    expect('first', bodies(receive($source)), ['poison']);
    expect('second', receive($source), []);
    [$message] = receive($dead);
    expect('MessageId', $message->getMessageId(), $sent->getMessageId());
    expect('source', $message->getAttributes()['DeadLetterQueueSourceArn'], attributes($source)['QueueArn']);
};

$tests['errors have their types, codes and texts'] = function () use ($sqs) {
    try {
        $sqs->getQueueUrl(['QueueName' => 'nobody'])->resolve();
        throw new Exception('nobody was found');
    } catch (QueueDoesNotExistException $error) {
        expect('code', $error->getAwsCode(), 'AWS.SimpleQueueService.NonExistentQueue');
        expect('type', $error->getAwsType(), 'Sender');
    }
    try {
        $sqs->deleteMessage(['QueueUrl' => new_queue(), 'ReceiptHandle' => 'garbage'])->resolve();
        throw new Exception('garbage was deleted');
    } catch (ClientException $error) {
        expect('code', $error->getAwsCode(), 'ReceiptHandleIsInvalid');
        expect('text', $error->getAwsMessage(), 'The input receipt handle "garbage" is not a valid receipt handle.');
    }
};

$tests['a purge empties the queue'] = function () use ($sqs) {
    $queue = new_queue();
    $sqs->sendMessage(['QueueUrl' => $queue, 'MessageBody' => 'a'])->resolve();
    $sqs->purgeQueue(['QueueUrl' => $queue])->resolve();
    expect('messages', attributes($queue)['ApproximateNumberOfMessages'], '0');
};

$failed = 0;
foreach ($tests as $name => $test) {
    try {
        $test();
        echo "ok: $name\n";
    } catch (Throwable $error) {
        $failed++;
        echo "failed: $name: {$error->getMessage()} (line {$error->getLine()})\n";
    }
}
exit($failed === 0 ? 0 : 1);
