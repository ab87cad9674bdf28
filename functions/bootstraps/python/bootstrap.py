"""Runs an unmodified Lambda handler in Python 3.9 and later: loads it, asks headrace's Runtime API for
one event after the other, and posts what the handler answers. What handlers rely on, names and texts
included, is as AWS's Python runtime has it."""
import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

KEEP_INDENT = "\u00a0"  # spaces at the start of a line get lost where logs are shown


class RuntimeApi:
    def __init__(self, address):
        host, _, token = address.partition("/")
        self.connection = http.client.HTTPConnection(host)  # without a timeout: events may be days apart
        self.root = f"/{token}/2018-06-01/runtime/"

    def next(self):
        self.connection.request("GET", self.root + "invocation/next")
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            sys.exit(1)
        return response.headers, body

    def post_response(self, request_id, body):
        self._post(f"invocation/{request_id}/response", body)

    def post_error(self, request_id, error):
        self._post_error(f"invocation/{request_id}/error", error)

    def post_init_error(self, error):
        self._post_error("init/error", error)

    def _post_error(self, path, error):
        kind = error["errorType"]
        self._post(path, json.dumps(error), {
            "Lambda-Runtime-Function-Error-Type": kind if kind.isascii() else "Function.Unknown"})

    def _post(self, path, body, headers=None):
        # What the handler printed belongs to this invocation.
        sys.stdout.flush()
        sys.stderr.flush()
        self.connection.request("POST", self.root + path, body.encode(),
                                {"Content-Type": "application/json", **(headers or {})})
        response = self.connection.getresponse()
        text = response.read()
        # A response that was too large has become the function's error; one far above that is not read.
        taken = response.status == 202 or (response.status == 413 and b"RequestEntityTooLarge" in text)
        if not taken:
            raise NotTaken(f"{path}: status {response.status} {text!r}")


class NotTaken(Exception):
    """The Runtime API did not take an answer."""


class RuntimeFault(Exception):
    """An error of the runtime, under one of AWS's names."""

    def __init__(self, name, message, stack=()):
        super().__init__(message)
        self.name = name
        self.stack = list(stack)


def text_of(exception):
    """What it says, as text that JSON can hold."""
    try:
        return str(exception).encode("utf-8", "backslashreplace").decode()
    except Exception:  # a handler's class may do anything
        return type(exception).__name__


def error_of(exception, request_id):
    """The error as the caller of the function reads it. Frames of this file are not his."""
    if isinstance(exception, RuntimeFault):
        name, stack = exception.name, exception.stack
    else:
        frames = [frame for frame in traceback.extract_tb(exception.__traceback__)
                  if frame.filename != __file__ and not frame.filename.startswith("<frozen importlib")]
        name, stack = type(exception).__name__, traceback.format_list(frames)
    return {"errorMessage": text_of(exception), "errorType": name, "requestId": request_id, "stackTrace": stack}


def log_error(error):
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}"]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            lines.append(KEEP_INDENT * (len(line) - len(text)) + text)
    print("\n".join(lines))


class LogFormatter(logging.Formatter):
    converter = time.gmtime

    def __init__(self):
        super().__init__("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
                         "%Y-%m-%dT%H:%M:%S")


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = self.request_id
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LogFormatter())
    request_ids = RequestIdFilter()
    handler.addFilter(request_ids)
    logging.getLogger().addHandler(handler)
    return request_ids


class Identity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = json.loads(headers.get("Lambda-Runtime-Client-Context", "null"))
        self.identity = Identity(json.loads(headers.get("Lambda-Runtime-Cognito-Identity", "{}")))
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


def load_handler(name):
    """The function that "folder/module.function" names."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise RuntimeFault("Runtime.MalformedHandlerName",
                           f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError",
                           f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}\n'
        raise RuntimeFault("Runtime.UserCodeSyntaxError",
                           f"Syntax error in module '{module_name}': {error}", [place]) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        raise RuntimeFault("Runtime.HandlerNotFound",
                           f"Handler '{function_name}' missing on module '{module_name}'")
    return handler


def number_of(value):
    if isinstance(value, decimal.Decimal):  # what DynamoDB gives
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def to_json(result):
    try:
        return json.dumps(result, default=number_of)
    except Exception as error:
        raise RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def serve(api, handler, request_ids):
    headers, event = api.next()
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    request_ids.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        answer = to_json(handler(json.loads(event), LambdaContext(headers)))
    except Exception as exception:  # whatever a handler throws is its answer
        error = error_of(exception, request_id)
        log_error(error)
        api.post_error(request_id, error)
        return
    try:
        api.post_response(request_id, answer)
    except (NotTaken, OSError, http.client.HTTPException) as exception:
        api.connection.close()
        api.post_error(request_id, error_of(exception, request_id))


def main():
    # What was printed is not lost with the process, and no character ends it.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    request_ids = set_up_logging()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]  # in place of the folder of this file
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as exception:  # whatever a module throws when it is loaded
        error = error_of(exception, "")
        log_error(error)
        api.post_init_error(error)
        sys.exit(1)
    while True:
        serve(api, handler, request_ids)


if __name__ == "__main__":
    main()
