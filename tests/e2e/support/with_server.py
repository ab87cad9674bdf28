"""with_server.py COMMAND...: runs a client program against a server of its own. HEADRACE_URL says to the
program where that is."""
import os
import subprocess
import sys

from headrace_server import Server

server = Server()
try:
    code = subprocess.run(sys.argv[1:], env={**os.environ, 'HEADRACE_URL': server.url}).returncode
finally:
    server.stop()
sys.exit(code)
