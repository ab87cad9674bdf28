"""The AWS CLI as Debian has it, without any configuration of this machine."""
import json
import os
import subprocess

SECONDS_MAX = 60


def run(url, service, *arguments):
    """aws SERVICE ARGUMENTS: the process that ended."""
    environment = {
        'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test', 'AWS_DEFAULT_REGION': 'us-east-1',
        'AWS_PAGER': '', 'AWS_EC2_METADATA_DISABLED': 'true', 'HOME': '/nonexistent',
        'PATH': '/usr/bin:/bin'}
    return subprocess.run(
        [os.environ['HEADRACE_AWS'], '--endpoint-url', url, '--output', 'json', service, *arguments],
        env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)


def run_sqs(url, *arguments):
    return run(url, 'sqs', *arguments)


def answer(url, service, *arguments):
    """What aws SERVICE ARGUMENTS answers."""
    done = run(url, service, *arguments)
    if done.returncode != 0:
        raise AssertionError(f'aws {service} {" ".join(arguments)}: {done.stderr}')
    return json.loads(done.stdout or '{}')


def sqs(url, *arguments):
    return answer(url, 'sqs', *arguments)
