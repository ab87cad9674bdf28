"""Handlers as people write them."""
import decimal
import json
import logging
import os
import sys

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def parses(event, context):
    for record in event["Records"]:
        json.loads(record["body"])


def echoes(event, context):
    return event


def tells_its_context(event, context):
    return {
        "function_name": context.function_name,
        "function_version": context.function_version,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "aws_request_id": context.aws_request_id,
        "invoked_function_arn": context.invoked_function_arn,
        "log_group_name": context.log_group_name,
        "remaining": context.get_remaining_time_in_millis(),
    }


def tells_where_it_is(event, context):
    return [os.getcwd(), sys.path[0], os.environ["AWS_EXECUTION_ENV"]]


def prints(event, context):
    print("printed")
    logger.info("logged %s", event["Records"][0]["body"])
    logger.debug("not wanted")


def raises(event, context):
    raise KeyError("no reason")


def exits(event, context):
    sys.exit(int(event["Records"][0]["body"]))


def loops(event, context):
    while True:
        pass


def answers_an_object(event, context):
    return object()


def prints_and_loops(event, context):
    print("before the loop")
    while True:
        pass


def raises_a_surrogate(event, context):
    raise ValueError("no text: \ud800")


def answers_a_decimal(event, context):
    return {"price": decimal.Decimal("1.5")}


def answers_large(event, context):
    print("runs")
    return "x" * int(event["Records"][0]["body"])


def hoards(event, context):
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))
