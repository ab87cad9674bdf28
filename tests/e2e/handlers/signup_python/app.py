"""Welcomes signups: notes each in the ledger and reports those without an @ as failed."""
import os


def handler(event, context):
    failed = []
    for record in event["Records"]:
        with open(os.environ["LEDGER"], "a", encoding="utf-8") as ledger:
            ledger.write(record["body"] + "\n")
        if "@" not in record["body"]:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
