"""Clients of the Query protocol, unmodified: boto3 and the AWS CLI as Debian 12 has them."""
import json
import os
import sys
import threading
import time
import unittest
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'support'))
import aws_cli  # noqa: E402
from headrace_server import Server  # noqa: E402

REGION = 'us-east-1'
XMLNS = {'q': 'http://queue.amazonaws.com/doc/2012-11-05/'}

# Computed from AWS's algorithm, and recorded on AWS.
THREE_ATTRIBUTES = {
    'Zeta': {'DataType': 'String', 'StringValue': 'é'},
    'blob': {'DataType': 'Binary.png', 'BinaryValue': bytes([0, 1, 255])},
    'Count': {'DataType': 'Number.int', 'StringValue': '42'},
}
THREE_ATTRIBUTES_MD5 = 'd3ebd7df0f4580a1b7a77feb8a9c4805'

server = None


def setUpModule():
    global server
    server = Server()


def tearDownModule():
    server.stop()


class Boto3(unittest.TestCase):
    queues = 0

    @classmethod
    def setUpClass(cls):
        cls.sqs = boto3.client(
            'sqs', endpoint_url=server.url, region_name=REGION, aws_access_key_id='test',
            aws_secret_access_key='test', config=botocore.config.Config(retries={'max_attempts': 0}))

    @classmethod
    def tearDownClass(cls):
        cls.sqs.close()

    def new_queue(self, suffix='', **attributes):
        Boto3.queues += 1
        name = f'boto3-{Boto3.queues}{suffix}'
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)['QueueUrl']

    def receive(self, url, **more):
        options = {'MaxNumberOfMessages': 10, **more}
        return self.sqs.receive_message(QueueUrl=url, **options).get('Messages', [])

    def attributes(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']

    def test_speaks_the_query_protocol(self):
        self.assertEqual(self.sqs.meta.service_model.metadata['protocol'], 'query')

    def test_a_queue_is_created_found_listed_and_described(self):
        url = self.new_queue(VisibilityTimeout='45')
        name = url.split('/')[-1]
        self.assertEqual(url, f'{server.url}/000000000000/{name}')
        self.assertEqual(self.sqs.get_queue_url(QueueName=name)['QueueUrl'], url)
        self.assertEqual(self.sqs.list_queues(QueueNamePrefix=name)['QueueUrls'], [url])
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={'MaximumMessageSize': '2048'})
        attributes = self.attributes(url)
        self.assertEqual(attributes['VisibilityTimeout'], '45')
        self.assertEqual(attributes['MaximumMessageSize'], '2048')
        self.assertEqual(attributes['QueueArn'], f'arn:aws:sqs:{REGION}:000000000000:{name}')
        self.sqs.delete_queue(QueueUrl=url)
        self.assertNotIn('QueueUrls', self.sqs.list_queues(QueueNamePrefix=name))

    def test_queues_are_listed_in_pages(self):
        urls = [self.new_queue('-page') for _ in range(5)]
        pages = list(self.sqs.get_paginator('list_queues').paginate(
            QueueNamePrefix='boto3-', PaginationConfig={'PageSize': 2}))
        listed = [url for page in pages for url in page['QueueUrls']]
        self.assertTrue(set(urls) <= set(listed))
        self.assertEqual(len(listed), len(set(listed)))
        self.assertTrue(all(len(page['QueueUrls']) <= 2 for page in pages))

    def test_a_message_comes_back_as_it_was_sent_with_its_digests(self):
        url = self.new_queue()
        body = 'line\r\nnext\t"quoted" & <tag> é ✓ \U0001f600'
        sent = self.sqs.send_message(QueueUrl=url, MessageBody=body,
                                     MessageAttributes=THREE_ATTRIBUTES)
        self.assertEqual(sent['MD5OfMessageAttributes'], THREE_ATTRIBUTES_MD5)
        (message,) = self.receive(url, AttributeNames=['All'], MessageAttributeNames=['All'])
        self.assertEqual(message['MessageId'], sent['MessageId'])
        self.assertEqual(message['Body'], body)
        self.assertEqual(message['MD5OfBody'], sent['MD5OfMessageBody'])
        self.assertEqual(message['MD5OfMessageAttributes'], THREE_ATTRIBUTES_MD5)
        self.assertEqual(message['MessageAttributes'], THREE_ATTRIBUTES)
        self.assertEqual(sorted(message['Attributes']), [
            'ApproximateFirstReceiveTimestamp', 'ApproximateReceiveCount', 'SenderId',
            'SentTimestamp'])

    def test_a_batch_is_sent_received_and_deleted_and_bad_entries_fail_alone(self):
        url = self.new_queue(MaximumMessageSize='1024')
        entries = [{'Id': f'id-{i}', 'MessageBody': f'body {i} ✓'} for i in range(9)]
        entries.append({'Id': 'large', 'MessageBody': 'x' * 1025})
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual(len(sent['Successful']), 9)
        (failed,) = sent['Failed']
        self.assertEqual((failed['Id'], failed['Code'], failed['SenderFault']),
                         ('large', 'InvalidParameterValue', True))
        messages = self.receive(url)
        self.assertEqual(sorted(m['Body'] for m in messages),
                         [e['MessageBody'] for e in entries[:9]])
        handles = [{'Id': str(i), 'ReceiptHandle': m['ReceiptHandle']}
                   for i, m in enumerate(messages)]
        handles.append({'Id': 'garbage', 'ReceiptHandle': 'garbage'})
        deleted = self.sqs.delete_message_batch(QueueUrl=url, Entries=handles)
        self.assertEqual(len(deleted['Successful']), 9)
        self.assertEqual([(f['Id'], f['Code']) for f in deleted['Failed']],
                         [('garbage', 'ReceiptHandleIsInvalid')])
        self.assertEqual(self.attributes(url)['ApproximateNumberOfMessages'], '0')

    def test_a_waiting_receive_is_woken_by_a_send(self):
        url = self.new_queue()
        messages = []
        waiting = threading.Thread(
            target=lambda: messages.extend(self.receive(url, WaitTimeSeconds=20)))
        waiting.start()
        time.sleep(0.3)
        self.assertTrue(waiting.is_alive())
        self.sqs.send_message(QueueUrl=url, MessageBody='wake up')
        waiting.join(5)
        self.assertEqual([m['Body'] for m in messages], ['wake up'])

    def test_visibility_is_changed_and_a_deleted_message_does_not_come_back(self):
        url = self.new_queue()
        self.sqs.send_message(QueueUrl=url, MessageBody='again')
        (first,) = self.receive(url)
        self.assertEqual(self.receive(url), [])
        self.sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=first['ReceiptHandle'], VisibilityTimeout=0)
        (second,) = self.receive(url, AttributeNames=['ApproximateReceiveCount'])
        self.assertEqual(second['Attributes'], {'ApproximateReceiveCount': '2'})
        changed = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            {'Id': 'one', 'ReceiptHandle': second['ReceiptHandle'], 'VisibilityTimeout': 0}])
        self.assertEqual([e['Id'] for e in changed['Successful']], ['one'])
        (third,) = self.receive(url)
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=third['ReceiptHandle'])
        self.assertEqual(self.receive(url), [])

    def test_a_delayed_message_appears_when_its_delay_is_over(self):
        url = self.new_queue()
        self.sqs.send_message(QueueUrl=url, MessageBody='later', DelaySeconds=1)
        self.assertEqual(self.receive(url), [])
        self.assertEqual([m['Body'] for m in self.receive(url, WaitTimeSeconds=10)], ['later'])

    def test_a_fifo_queue_keeps_the_order_of_a_group_and_drops_duplicates(self):
        url = self.new_queue('.fifo', FifoQueue='true')
        numbers = []
        for body in ('a', 'b', 'b', 'c'):
            sent = self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId='g',
                                         MessageDeduplicationId=body)
            numbers.append(sent['SequenceNumber'])
        self.assertEqual(numbers, sorted(numbers))
        messages = self.receive(url, AttributeNames=['MessageGroupId'])
        self.assertEqual([m['Body'] for m in messages], ['a', 'b', 'c'])
        self.assertEqual(messages[0]['Attributes'], {'MessageGroupId': 'g'})

    def test_a_message_moves_to_its_dead_letter_queue_and_a_task_brings_it_back(self):
        dead = self.new_queue()
        dead_arn = self.attributes(dead)['QueueArn']
        policy = json.dumps({'deadLetterTargetArn': dead_arn, 'maxReceiveCount': 1})
        source = self.new_queue(VisibilityTimeout='0', RedrivePolicy=policy)
        sources = self.sqs.list_dead_letter_source_queues(QueueUrl=dead)
        self.assertEqual(sources['queueUrls'], [source])
        sent = self.sqs.send_message(QueueUrl=source, MessageBody='poison')
        self.assertEqual(len(self.receive(source)), 1)
        self.assertEqual(self.receive(source), [])
        (message,) = self.receive(dead, AttributeNames=['All'], VisibilityTimeout=0)
        self.assertEqual(message['MessageId'], sent['MessageId'])
        self.assertEqual(message['Attributes']['DeadLetterQueueSourceArn'],
                         self.attributes(source)['QueueArn'])

        # This boto3 knows no move tasks.
        self.post(Action='StartMessageMoveTask', SourceArn=dead_arn)
        self.assertEqual([m['Body'] for m in self.receive(source, WaitTimeSeconds=10)], ['poison'])
        listed = self.post(Action='ListMessageMoveTasks', SourceArn=dead_arn)
        entry = listed.find('.//q:ListMessageMoveTasksResultEntry', XMLNS)
        self.assertEqual(entry.find('q:ApproximateNumberOfMessagesMoved', XMLNS).text, '1')

    def post(self, **parameters):
        form = urllib.parse.urlencode(parameters).encode()
        signed = botocore.awsrequest.AWSRequest(
            'POST', server.url, data=form,
            headers={'Content-Type': 'application/x-www-form-urlencoded'})
        credentials = botocore.credentials.Credentials('test', 'test')
        botocore.auth.SigV4Auth(credentials, 'sqs', REGION).add_auth(signed)
        request = urllib.request.Request(server.url, form, dict(signed.headers))
        with urllib.request.urlopen(request, timeout=30) as response:
            return xml.etree.ElementTree.fromstring(response.read())

    def test_sts_says_who_calls(self):
        sts = boto3.client('sts', endpoint_url=server.url, region_name=REGION,
                           aws_access_key_id='test', aws_secret_access_key='test')
        self.assertEqual(sts.get_caller_identity()['Account'], '000000000000')
        sts.close()

    def test_tags_and_permissions_are_kept(self):
        url = self.new_queue()
        self.assertNotIn('Tags', self.sqs.list_queue_tags(QueueUrl=url))
        self.sqs.tag_queue(QueueUrl=url, Tags={'team': 'a b', 'empty': ''})
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)['Tags'],
                         {'team': 'a b', 'empty': ''})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=['empty'])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)['Tags'], {'team': 'a b'})
        self.sqs.add_permission(QueueUrl=url, Label='l', AWSAccountIds=['111122223333'],
                                Actions=['SendMessage'])
        policy = json.loads(self.attributes(url)['Policy'])
        self.assertEqual(policy['Statement'][0]['Sid'], 'l')
        self.sqs.remove_permission(QueueUrl=url, Label='l')
        self.assertNotIn('Policy', self.attributes(url))

    def test_errors_are_raised_as_on_aws(self):
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as missing:
            self.sqs.get_queue_url(QueueName='nobody')
        error = missing.exception.response
        self.assertEqual(error['Error']['Code'], 'AWS.SimpleQueueService.NonExistentQueue')
        self.assertEqual(error['Error']['Type'], 'Sender')
        self.assertEqual(error['ResponseMetadata']['HTTPStatusCode'], 400)
        self.assertEqual(len(error['ResponseMetadata']['RequestId']), 36)
        url = self.new_queue()
        with self.assertRaises(self.sqs.exceptions.ReceiptHandleIsInvalid):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle='garbage')

    def test_a_purge_empties_the_queue(self):
        url = self.new_queue()
        for body in ('a', 'b'):
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.sqs.purge_queue(QueueUrl=url)
        self.assertEqual(self.attributes(url)['ApproximateNumberOfMessages'], '0')


class AwsCli(unittest.TestCase):
    """Briefly; aws_cli_test.py has the rest."""

    def test_a_message_goes_through_a_queue(self):
        url = aws_cli.sqs(server.url, 'create-queue', '--queue-name', 'cli')['QueueUrl']
        queue = ('--queue-url', url)
        sent = aws_cli.sqs(server.url, 'send-message', *queue, '--message-body', 'from the CLI')
        (message,) = aws_cli.sqs(server.url, 'receive-message', *queue)['Messages']
        self.assertEqual(message['MessageId'], sent['MessageId'])
        self.assertEqual(message['Body'], 'from the CLI')
        aws_cli.sqs(server.url, 'delete-message', *queue,
                    '--receipt-handle', message['ReceiptHandle'])
        aws_cli.sqs(server.url, 'delete-queue', *queue)

    def test_speaks_the_query_protocol_and_shows_its_errors(self):
        failed = aws_cli.run_sqs(server.url, 'get-queue-url', '--queue-name', 'nobody', '--debug')
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn('application/x-www-form-urlencoded', failed.stderr)
        self.assertIn('(AWS.SimpleQueueService.NonExistentQueue)', failed.stderr)


if __name__ == '__main__':
    unittest.main()
