"""The AWS CLI, unmodified, as Debian 12 has it: every command that it has for SQS. It speaks the Query
protocol."""
import json
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'support'))
import aws_cli  # noqa: E402
from headrace_server import Server  # noqa: E402

# Computed from AWS's algorithm, and recorded on AWS.
THREE_ATTRIBUTES = {
    'Zeta': {'DataType': 'String', 'StringValue': 'é'},
    'blob': {'DataType': 'Binary.png', 'BinaryValue': 'AAH/'},
    'Count': {'DataType': 'Number.int', 'StringValue': '42'},
}
THREE_ATTRIBUTES_MD5 = 'd3ebd7df0f4580a1b7a77feb8a9c4805'

server = None


def setUpModule():
    global server
    server = Server()


def tearDownModule():
    server.stop()


def sqs(*arguments):
    return aws_cli.sqs(server.url, *arguments)


def on(url, command, *arguments):
    return sqs(command, '--queue-url', url, *arguments)


def receive(url, *arguments):
    return on(url, 'receive-message', '--max-number-of-messages', '10', *arguments).get('Messages', [])


def attributes(url):
    return on(url, 'get-queue-attributes', '--attribute-names', 'All')['Attributes']


class AwsCli(unittest.TestCase):
    queues = 0

    def new_queue(self, suffix='', **wanted):
        AwsCli.queues += 1
        more = ('--attributes', json.dumps(wanted)) if wanted else ()
        return sqs('create-queue', '--queue-name', f'cli-{AwsCli.queues}{suffix}', *more)['QueueUrl']

    def test_a_queue_is_created_found_listed_changed_and_deleted(self):
        url = self.new_queue(VisibilityTimeout='45')
        name = url.split('/')[-1]
        self.assertEqual(url, f'{server.url}/000000000000/{name}')
        self.assertEqual(sqs('get-queue-url', '--queue-name', name)['QueueUrl'], url)
        on(url, 'set-queue-attributes', '--attributes', 'MaximumMessageSize=2048')
        self.assertEqual(attributes(url)['MaximumMessageSize'], '2048')
        self.assertEqual(attributes(url)['VisibilityTimeout'], '45')
        on(url, 'delete-queue')
        self.assertEqual(sqs('list-queues', '--queue-name-prefix', name), {})

    def test_all_pages_of_queues_are_listed(self):
        urls = sorted(self.new_queue('-page') for _ in range(3))
        listed = sqs('list-queues', '--queue-name-prefix', 'cli-', '--page-size', '2')['QueueUrls']
        self.assertEqual(sorted(url for url in listed if url.endswith('-page')), urls)

    def test_a_message_comes_back_as_it_was_sent(self):
        url = self.new_queue()
        body = 'line\nnext\t"quoted" & <tag> é ✓'
        sent = on(url, 'send-message', '--message-body', body,
                  '--message-attributes', json.dumps(THREE_ATTRIBUTES))
        self.assertEqual(sent['MD5OfMessageAttributes'], THREE_ATTRIBUTES_MD5)
        (message,) = receive(url, '--attribute-names', 'All', '--message-attribute-names', 'All')
        self.assertEqual(message['MessageId'], sent['MessageId'])
        self.assertEqual(message['Body'], body)
        self.assertEqual(message['MessageAttributes'], THREE_ATTRIBUTES)
        self.assertEqual(message['MD5OfMessageAttributes'], THREE_ATTRIBUTES_MD5)
        self.assertEqual(message['Attributes']['ApproximateReceiveCount'], '1')

    def test_a_batch_is_sent_hidden_shown_and_deleted(self):
        url = self.new_queue(MaximumMessageSize='1024')
        bodies = [f'body {i} ✓' for i in range(9)]
        entries = [{'Id': str(i), 'MessageBody': body}
                   for i, body in enumerate([*bodies, 'x' * 1025])]
        sent = on(url, 'send-message-batch', '--entries', json.dumps(entries))
        self.assertEqual(len(sent['Successful']), 9)
        self.assertEqual([(entry['Id'], entry['Code']) for entry in sent['Failed']],
                         [('9', 'InvalidParameterValue')])
        handles = [{'Id': str(i), 'ReceiptHandle': message['ReceiptHandle'], 'VisibilityTimeout': 0}
                   for i, message in enumerate(receive(url))]
        changed = on(url, 'change-message-visibility-batch', '--entries', json.dumps(handles))
        self.assertEqual(len(changed['Successful']), 9)
        messages = receive(url)
        self.assertEqual(sorted(message['Body'] for message in messages), bodies)
        handles = [{'Id': str(i), 'ReceiptHandle': message['ReceiptHandle']}
                   for i, message in enumerate(messages)]
        handles.append({'Id': 'bad', 'ReceiptHandle': 'garbage'})
        deleted = on(url, 'delete-message-batch', '--entries', json.dumps(handles))
        self.assertEqual(len(deleted['Successful']), 9)
        self.assertEqual([(entry['Id'], entry['Code']) for entry in deleted['Failed']],
                         [('bad', 'ReceiptHandleIsInvalid')])
        self.assertEqual(attributes(url)['ApproximateNumberOfMessagesNotVisible'], '0')

    def test_a_waiting_receive_is_woken_by_a_delayed_message(self):
        url = self.new_queue()
        messages = []
        waiting = threading.Thread(
            target=lambda: messages.extend(receive(url, '--wait-time-seconds', '20')))
        begin = time.monotonic()
        waiting.start()
        on(url, 'send-message', '--message-body', 'wake up', '--delay-seconds', '2')
        waiting.join()
        self.assertEqual([message['Body'] for message in messages], ['wake up'])
        took = time.monotonic() - begin
        self.assertTrue(2 <= took < 15, took)

    def test_visibility_is_changed_and_a_deleted_message_does_not_come_back(self):
        url = self.new_queue()
        on(url, 'send-message', '--message-body', 'again')
        (first,) = receive(url)
        self.assertEqual(receive(url), [])
        on(url, 'change-message-visibility', '--receipt-handle', first['ReceiptHandle'],
           '--visibility-timeout', '0')
        (second,) = receive(url, '--attribute-names', 'ApproximateReceiveCount')
        self.assertEqual(second['Attributes'], {'ApproximateReceiveCount': '2'})
        on(url, 'delete-message', '--receipt-handle', second['ReceiptHandle'])
        self.assertEqual(attributes(url)['ApproximateNumberOfMessagesNotVisible'], '0')

    def test_a_fifo_queue_keeps_the_order_of_a_group_and_drops_duplicates(self):
        url = self.new_queue('.fifo', FifoQueue='true')
        for body in ('a', 'b', 'b', 'c'):
            sent = on(url, 'send-message', '--message-body', body, '--message-group-id', 'g',
                      '--message-deduplication-id', body)
            self.assertEqual(len(sent['SequenceNumber']), 20)
        self.assertEqual([message['Body'] for message in receive(url)], ['a', 'b', 'c'])

    def test_a_message_moves_to_its_dead_letter_queue(self):
        dead = self.new_queue()
        policy = json.dumps({'deadLetterTargetArn': attributes(dead)['QueueArn'], 'maxReceiveCount': 1})
        source = self.new_queue(VisibilityTimeout='0', RedrivePolicy=policy)
        sources = on(dead, 'list-dead-letter-source-queues')
        self.assertEqual(sources['queueUrls'], [source])
        sent = on(source, 'send-message', '--message-body', 'poison')
        self.assertEqual(len(receive(source)), 1)
        self.assertEqual(receive(source), [])
        (message,) = receive(dead)
        self.assertEqual(message['MessageId'], sent['MessageId'])

    def test_tags_and_permissions_are_kept(self):
        url = self.new_queue()
        on(url, 'tag-queue', '--tags', 'team=a b,stage=test')
        on(url, 'untag-queue', '--tag-keys', 'stage')
        self.assertEqual(on(url, 'list-queue-tags')['Tags'], {'team': 'a b'})
        on(url, 'add-permission', '--label', 'partner', '--aws-account-ids', '111122223333',
           '--actions', 'SendMessage')
        policy = json.loads(attributes(url)['Policy'])
        self.assertEqual(policy['Statement'][0]['Sid'], 'partner')
        on(url, 'remove-permission', '--label', 'partner')
        self.assertNotIn('Policy', attributes(url))

    def test_a_purge_empties_the_queue(self):
        url = self.new_queue()
        on(url, 'send-message', '--message-body', 'a')
        on(url, 'purge-queue')
        self.assertEqual(attributes(url)['ApproximateNumberOfMessages'], '0')


if __name__ == '__main__':
    unittest.main()
