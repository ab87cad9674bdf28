"""A real headrace server for one test program: started on a free port over a temporary folder, ended
by its process id. HEADRACE_BIN names the folder of the programs, HEADRACE_HTTP_THREADS the I/O loops,
HEADRACE_AUTH whether it checks signatures: its user is `test` with the secret `test`, as which all clients
sign."""
import json
import os
import pathlib
import subprocess
import tempfile
import threading

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 60


class Server:
    def __init__(self, functions=None, uploads=False):
        self._folder = tempfile.TemporaryDirectory(prefix='headrace-e2e-')
        folder = pathlib.Path(self._folder.name)
        threads = int(os.environ.get('HEADRACE_HTTP_THREADS', '0'))
        config = folder / 'headrace.yaml'
        auth = os.environ.get('HEADRACE_AUTH', 'none')
        config.write_text(f'version: 1\nserver: {{http: {{threads: {threads}}}, auth: {auth}, '
                          f'function_uploads: {json.dumps(uploads)}}}\n'
                          f'functions: {json.dumps(functions or {})}\n')
        user = {'HEADRACE_ACCESS_KEY_ID': 'test', 'HEADRACE_SECRET_ACCESS_KEY': 'test'}
        self._log = open(folder / 'log', 'wb')
        self._process = subprocess.Popen(
            [os.path.join(os.environ['HEADRACE_BIN'], 'headrace'), 'serve', '--config', str(config),
             '--listen', '127.0.0.1:0', '--data', str(folder / 'data')],
            env={**os.environ, **user}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self._log, text=True)
        self.url = self._read_until_ready()

    def _read_until_ready(self):
        # Ends the loop below when the server says nothing.
        watchdog = threading.Timer(START_SECONDS_MAX, self._process.kill)
        watchdog.start()
        url = None
        for line in self._process.stdout:
            if line.startswith('http://'):
                url = line.strip()
            if line == 'Ready.\n':
                break
        watchdog.cancel()
        if self._process.poll() is not None:
            raise AssertionError('the server did not start')
        return url

    def stop(self):
        self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS_MAX)
        finally:
            self._process.kill()
            self._process.stdout.close()
            self._log.close()
            self._folder.cleanup()
        if code != 0:
            raise AssertionError(f'the server ended with {code}')
