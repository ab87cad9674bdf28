"""The Celery application of celery_test.py. Workers write what they did into a file."""
import os
import signal
import time

import celery
import celery.exceptions

# A queue that exists: a task that is refused there comes again at once.
PREDEFINED = {
    'refused': {
        'url': os.environ['CELERY_TEST_REFUSED_QUEUE'],
        'backoff_policy': {receives: 0 for receives in range(1, 10)},
        'backoff_tasks': ['celery_tasks.refuse'],
    },
} if 'CELERY_TEST_REFUSED_QUEUE' in os.environ else {}

app = celery.Celery('celery_tasks', broker=os.environ['CELERY_TEST_BROKER'])
app.conf.update(
    broker_transport_options={
        'region': 'us-east-1',
        'is_secure': False,
        'visibility_timeout': 60,
        'wait_time_seconds': 1,
        'predefined_queues': PREDEFINED,
    },
    task_ignore_result=True,
    worker_enable_remote_control=False,
)


def report(line):
    with open(os.environ['CELERY_TEST_REPORT'], 'a', encoding='utf-8') as file:
        file.write(line + '\n')


@app.task
def say(text):
    report(text)


@app.task(bind=True)
def succeed_at_try(self, number):
    this = self.request.retries + 1
    report(f'try {this}')
    if this < number:
        raise self.retry(countdown=0)


@app.task(acks_late=True)
def work(text, seconds):
    report(text)
    time.sleep(seconds)
    report(f'{text} done')


@app.task(acks_late=True)
def die_once(text):
    report(text)
    with open(os.environ['CELERY_TEST_REPORT'], encoding='utf-8') as file:
        if len(file.readlines()) == 1:
            os.kill(os.getpid(), signal.SIGKILL)


@app.task(acks_late=True)
def refuse(text):
    report(text)
    raise celery.exceptions.Reject('refused', requeue=False)
