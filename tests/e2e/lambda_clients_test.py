"""The Lambda API with boto3 and the AWS CLI, unmodified, as Debian 12 has them."""
import io
import json
import os
import sys
import unittest
import zipfile

import boto3
import botocore.config
import botocore.exceptions

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'support'))
import aws_cli  # noqa: E402
from headrace_server import Server  # noqa: E402

REGION = 'us-east-1'
ARN = 'arn:aws:lambda:us-east-1:000000000000:function:'
FUNCTIONS = {'echo': {'kind': 'builtin', 'builtin': 'echo'}, 'fail': {'kind': 'builtin', 'builtin': 'fail'}}

ROLE = 'arn:aws:iam::000000000000:role/tester'

server = None


def zip_of(files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    return archive.getvalue()


def setUpModule():
    global server
    server = Server(functions=FUNCTIONS, uploads=True)


def tearDownModule():
    server.stop()


def client(service):
    return boto3.client(
        service, endpoint_url=server.url, region_name=REGION, aws_access_key_id='test',
        aws_secret_access_key='test', config=botocore.config.Config(retries={'max_attempts': 0}))


class Boto3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.functions = client('lambda')
        cls.sqs = client('sqs')

    @classmethod
    def tearDownClass(cls):
        cls.functions.close()
        cls.sqs.close()

    def refused(self, code, call, **parameters):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(**parameters)
        self.assertEqual(raised.exception.response['Error']['Code'], code)
        return raised.exception.response['Error']['Message']

    def test_functions_are_invoked(self):
        answer = self.functions.invoke(FunctionName='echo', Payload=b'{"name": "Ada"}', LogType='Tail')
        self.assertEqual(answer['StatusCode'], 200)
        self.assertEqual(answer['ExecutedVersion'], '$LATEST')
        self.assertEqual(json.loads(answer['Payload'].read()), {'name': 'Ada'})
        self.assertIn('LogResult', answer)
        failed = self.functions.invoke(FunctionName=ARN + 'fail')
        self.assertEqual(failed['FunctionError'], 'Unhandled')
        self.assertEqual(json.loads(failed['Payload'].read())['errorType'], 'Builtin.Fail')
        event = self.functions.invoke(FunctionName='echo', InvocationType='Event', Payload=b'{}')
        self.assertEqual(event['StatusCode'], 202)

    def test_refusals_are_exceptions(self):
        text = self.refused('ResourceNotFoundException', self.functions.invoke, FunctionName='nobody')
        self.assertEqual(text, f'Function not found: {ARN}nobody:$LATEST')
        with self.assertRaises(self.functions.exceptions.ResourceNotFoundException):
            self.functions.get_function(FunctionName='nobody')
        self.refused('InvalidRequestContentException', self.functions.invoke, FunctionName='echo',
                     Payload=b'{')

    def test_all_functions_are_listed(self):
        pages = self.functions.get_paginator('list_functions').paginate(PaginationConfig={'PageSize': 1})
        names = [function['FunctionName'] for page in pages for function in page['Functions']]
        self.assertEqual(names, ['echo', 'fail'])

    def test_functions_are_uploaded_changed_and_removed(self):
        made = self.functions.create_function(
            FunctionName='uploaded', Runtime='python3.11', Handler='app.handler', Role=ROLE,
            Code={'ZipFile': zip_of({'app.py': 'def handler(event, context):\n  return 1\n'})})
        self.assertEqual(made['State'], 'Active')
        self.functions.get_waiter('function_active_v2').wait(FunctionName='uploaded')
        self.functions.update_function_code(
            FunctionName='uploaded',
            ZipFile=zip_of({'app.py': 'def handler(event, context):\n  return 2\n'}))
        self.functions.get_waiter('function_updated_v2').wait(FunctionName='uploaded')
        answer = self.functions.invoke(FunctionName='uploaded')
        self.assertEqual(answer['Payload'].read(), b'2')
        self.functions.delete_function(FunctionName='uploaded')
        self.refused('ResourceNotFoundException', self.functions.get_function, FunctionName='uploaded')

    def test_mappings_are_made_changed_and_removed(self):
        url = self.sqs.create_queue(QueueName='boto3-mapped')['QueueUrl']
        arn = self.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
        made = self.functions.create_event_source_mapping(
            EventSourceArn=arn, FunctionName='echo', Enabled=False)
        self.assertEqual(made['State'], 'Disabled')
        self.assertEqual(made['FunctionArn'], ARN + 'echo')
        changed = self.functions.update_event_source_mapping(
            UUID=made['UUID'], BatchSize=5, FunctionResponseTypes=['ReportBatchItemFailures'])
        self.assertEqual(changed['State'], 'Updating')
        (listed,) = self.functions.list_event_source_mappings(EventSourceArn=arn)['EventSourceMappings']
        self.assertEqual((listed['BatchSize'], listed['State']), (5, 'Disabled'))
        self.assertEqual(self.functions.delete_event_source_mapping(UUID=made['UUID'])['State'], 'Deleting')
        self.refused('ResourceNotFoundException', self.functions.get_event_source_mapping,
                     UUID=made['UUID'])


class AwsCli(unittest.TestCase):
    def test_functions_are_described_and_invoked(self):
        told = aws_cli.answer(server.url, 'lambda', 'get-function', '--function-name', 'echo')
        self.assertEqual(told['Configuration']['FunctionArn'], ARN + 'echo')
        done = aws_cli.run(server.url, 'lambda', 'invoke', '--function-name', 'echo', '/dev/null')
        self.assertEqual(json.loads(done.stdout)['StatusCode'], 200)
        mappings = aws_cli.answer(server.url, 'lambda', 'list-event-source-mappings')
        self.assertIn('EventSourceMappings', mappings)


if __name__ == '__main__':
    unittest.main()
