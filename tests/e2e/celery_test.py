"""Celery with its SQS transport, unmodified, as Debian 12 has it: its workers speak the Query protocol
with an HTTP client of their own, to the queue's URL."""
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import boto3

FOLDER = pathlib.Path(__file__).parent
sys.path[:0] = [str(FOLDER / 'support'), str(FOLDER / 'clients')]
from headrace_server import Server  # noqa: E402

REPORT_SECONDS_MAX = 30
END_SECONDS_MAX = 30

server = None
tasks = None  # the application, as those that send see it


def setUpModule():
    global server, tasks
    server = Server()
    os.environ['CELERY_TEST_BROKER'] = server.url.replace('http://', 'sqs://test:test@') + '//'
    tasks = importlib.import_module('celery_tasks')


def tearDownModule():
    tasks.app.close()
    server.stop()


class Worker:
    """A worker process for one queue. Its files are in a folder of the test."""

    def __init__(self, folder, queue, pool, environment):
        self._log = open(folder / 'worker.log', 'ab')
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'celery', '-A', 'celery_tasks', 'worker', '-Q', queue, '-P', pool,
             '-c', '1', '--without-gossip', '--without-mingle', '--without-heartbeat'],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=folder,
            env={**os.environ, **environment, 'PYTHONPATH': str(FOLDER / 'clients'),
                 'CELERY_TEST_REPORT': str(folder / 'report'), 'PYTHONWARNINGS': 'ignore'})

    def wait(self):
        self._process.wait(END_SECONDS_MAX)

    def stop(self):
        """Lets it finish what it began."""
        self._process.terminate()
        try:
            self.wait()
        finally:
            self._process.kill()
            self._process.wait()
            self._log.close()


class Celery(unittest.TestCase):
    tests = 0

    def setUp(self):
        Celery.tests += 1
        self.queue = f'celery-{Celery.tests}'
        folder = tempfile.TemporaryDirectory(prefix='headrace-e2e-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.sqs = boto3.client(
            'sqs', endpoint_url=server.url, region_name='us-east-1', aws_access_key_id='test',
            aws_secret_access_key='test')
        self.addCleanup(self.sqs.close)

    def start_worker(self, pool='prefork', **environment):
        worker = Worker(self.folder, self.queue, pool, environment)
        self.addCleanup(worker.stop)
        return worker

    def reported(self):
        report = self.folder / 'report'
        return report.read_text(encoding='utf-8').splitlines() if report.exists() else []

    def wait_for(self, what, condition):
        end = time.monotonic() + REPORT_SECONDS_MAX
        while not condition():
            if time.monotonic() > end:
                log = (self.folder / 'worker.log').read_text(encoding='utf-8', errors='replace')
                self.fail(f'not in time: {what}; reported {self.reported()}\n{log}')
            time.sleep(0.02)

    def wait_for_lines(self, *lines):
        self.wait_for(lines, lambda: len(self.reported()) >= len(lines))
        self.assertEqual(sorted(self.reported()), sorted(lines))

    def counts(self, queue=None):
        """Visible, in flight."""
        url = self.sqs.get_queue_url(QueueName=queue or self.queue)['QueueUrl']
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
        return [int(attributes[f'ApproximateNumberOfMessages{kind}']) for kind in ('', 'NotVisible')]

    def wait_for_counts(self, *counts):
        self.wait_for(f'counts {counts}', lambda: self.counts() == list(counts))

    def test_tasks_run_and_their_messages_are_deleted(self):
        texts = [f'welcome {i} é ✓' for i in range(20)]
        for text in texts[:10]:
            tasks.say.apply_async((text,), queue=self.queue)
        self.assertEqual(self.counts(), [10, 0])
        self.start_worker()
        for text in texts[10:]:
            tasks.say.apply_async((text,), queue=self.queue)
        self.wait_for_lines(*texts)
        self.wait_for_counts(0, 0)

    def test_a_task_is_retried_until_it_succeeds(self):
        self.start_worker()
        tasks.succeed_at_try.apply_async((3,), queue=self.queue)
        self.wait_for_lines('try 1', 'try 2', 'try 3')
        self.wait_for_counts(0, 0)

    def test_a_countdown_is_waited_for(self):
        self.start_worker()
        tasks.say.apply_async(('now',), queue=self.queue)
        self.wait_for_lines('now')
        begin = time.monotonic()
        tasks.say.apply_async(('later',), queue=self.queue, countdown=1)
        self.wait_for_lines('now', 'later')
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.wait_for_counts(0, 0)

    def test_a_group_of_a_fifo_queue_runs_in_its_order(self):
        self.queue += '.fifo'
        texts = [str(number) for number in range(5)]
        for text in [*texts, texts[-1]]:
            tasks.say.apply_async((text,), queue=self.queue, MessageGroupId='orders',
                                  MessageDeduplicationId=text)
        self.start_worker(pool='solo')
        self.wait_for_lines(*texts)
        self.assertEqual(self.reported(), texts)
        self.wait_for_counts(0, 0)

    def test_a_task_of_a_worker_that_died_runs_in_the_next(self):
        self.sqs.create_queue(QueueName=self.queue, Attributes={'VisibilityTimeout': '2'})
        tasks.die_once.apply_async(('poison',), queue=self.queue)
        self.start_worker(pool='solo').wait()
        self.assertEqual(self.reported(), ['poison'])
        self.assertEqual(sum(self.counts()), 1)
        self.start_worker(pool='solo')
        self.wait_for_lines('poison', 'poison')
        self.wait_for_counts(0, 0)

    def test_a_worker_that_stops_finishes_its_task_and_gives_the_others_back(self):
        worker = self.start_worker()
        for text in 'ab':
            tasks.work.apply_async((text, 3), queue=self.queue)
        self.wait_for_counts(0, 2)
        self.wait_for('one runs', lambda: len(self.reported()) == 1)
        worker.stop()
        first = self.reported()[0]
        self.assertEqual(self.reported(), [first, f'{first} done'])
        self.assertEqual(self.counts(), [1, 0])

    def test_a_refused_task_goes_to_the_dead_letter_queue(self):
        self.queue = 'refused'
        dead = self.sqs.create_queue(QueueName='refused-dead')['QueueUrl']
        dead_arn = self.sqs.get_queue_attributes(
            QueueUrl=dead, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
        policy = json.dumps({'deadLetterTargetArn': dead_arn, 'maxReceiveCount': 2})
        url = self.sqs.create_queue(
            QueueName=self.queue,
            Attributes={'VisibilityTimeout': '600', 'RedrivePolicy': policy})['QueueUrl']
        tasks.refuse.apply_async(('poison',), queue=self.queue)
        self.start_worker(CELERY_TEST_REFUSED_QUEUE=url)
        self.wait_for_lines('poison', 'poison')
        self.wait_for('dead letter', lambda: self.counts('refused-dead') == [1, 0])
        self.assertEqual(self.counts(), [0, 0])

    def test_a_purge_empties_the_queue(self):
        for text in 'abc':
            tasks.say.apply_async((text,), queue=self.queue)
        with tasks.app.connection_for_write() as connection:
            self.assertGreaterEqual(connection.default_channel.queue_purge(self.queue), 3)
        self.assertEqual(self.counts(), [0, 0])


if __name__ == '__main__':
    unittest.main(warnings='ignore')  # of sockets that the application leaves open
