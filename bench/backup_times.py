"""Times CreateBackup, RestoreTableFromBackup and RestoreTableToPointInTime with the AWS SDK.

Every restore is compared with its source: count, and a sample of items. A time for wrong data
counts as a failure.
"""
import argparse
import datetime
import json
import random
import subprocess
import sys
import time

import boto3
from botocore.config import Config

WAIT_SECONDS = 3600
SAMPLE = 200
ITEMS_PER_PARTITION = 10  # as tidemark-load fills


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--load", required=True, help="the tidemark-load binary")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--json")
    return parser.parse_args()


def wait(what, state, wanted):
    """Polls until state() is `wanted`; the pause grows with the time waited, up to 1 s."""
    start = time.monotonic()
    while True:
        now = state()
        if now == wanted:
            return
        waited = time.monotonic() - start
        if waited > WAIT_SECONDS:
            raise RuntimeError(f"{what} is {now} after {WAIT_SECONDS} s, not {wanted}")
        time.sleep(min(1.0, max(0.01, waited / 50)))


def key(number):
    return {
        "pk": {"S": f"customer#{number // ITEMS_PER_PARTITION:010}"},
        "sk": {"S": f"order#{number % ITEMS_PER_PARTITION:04}"},
    }


def count(client, table):
    total = 0
    pages = client.get_paginator("scan").paginate(TableName=table, Select="COUNT")
    for page in pages:
        total += page["Count"]
    return total


def compare(client, source, restored, items):
    """Problems found; the source must not have been written to since."""
    problems = []
    found = count(client, restored)
    if found != items:
        problems.append(f"{restored} has {found} items, not {items}")
    chosen = random.Random(7)
    for _ in range(SAMPLE):
        number = chosen.randrange(items)
        want = client.get_item(TableName=source, Key=key(number), ConsistentRead=True).get("Item")
        have = client.get_item(TableName=restored, Key=key(number), ConsistentRead=True).get("Item")
        if want is None or want != have:
            problems.append(f"{restored}: item {number} differs from {source}")
            break
    return problems


def main():
    args = parse_args()
    items = -(-args.items // ITEMS_PER_PARTITION) * ITEMS_PER_PARTITION
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://{args.endpoint}",
        config=Config(read_timeout=300, retries={"max_attempts": 0}),
    )
    table = "bench-backup"
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )

    def table_status(name):
        return client.describe_table(TableName=name)["Table"]["TableStatus"]

    wait(table, lambda: table_status(table), "ACTIVE")
    client.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    load = [args.load, "--endpoint", args.endpoint, "--table", table, "--items", str(items)]
    load += ["--connections", str(args.connections)]
    subprocess.run(load + ["--prepare"], check=True)

    times = []
    problems = []

    def timed(name, call, settle):
        """Seconds until the call answered, and until what it started is done."""
        start = time.monotonic()
        answer = call()
        answered = time.monotonic() - start
        settle(answer)
        times.append((name, answered, time.monotonic() - start))
        return answer

    def backup_status(answer):
        arn = answer["BackupDetails"]["BackupArn"]
        described = client.describe_backup(BackupArn=arn)
        return described["BackupDescription"]["BackupDetails"]["BackupStatus"]

    backup = timed(
        "CreateBackup",
        lambda: client.create_backup(TableName=table, BackupName="bench"),
        lambda answer: wait("the backup", lambda: backup_status(answer), "AVAILABLE"),
    )
    arn = backup["BackupDetails"]["BackupArn"]

    def settle_table(name):
        return lambda _: wait(name, lambda: table_status(name), "ACTIVE")

    timed(
        "RestoreTableFromBackup",
        lambda: client.restore_table_from_backup(TargetTableName="bench-restored", BackupArn=arn),
        settle_table("bench-restored"),
    )
    problems += compare(client, table, "bench-restored", items)

    # Changes after the backup, so that the point in time is not the backup's.
    subprocess.run(load + ["--op", "update", "--seconds", "5", "--warmup", "0"], check=True)
    changed = datetime.datetime.now(datetime.timezone.utc)
    latest = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    deadline = time.monotonic() + 60
    while latest <= changed and time.monotonic() < deadline:
        described = client.describe_continuous_backups(TableName=table)
        recovery = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        latest = recovery.get("LatestRestorableDateTime", latest)
        time.sleep(0.2)
    timed(
        "RestoreTableToPointInTime",
        lambda: client.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName="bench-rewound", UseLatestRestorableTime=True
        ),
        settle_table("bench-rewound"),
    )
    problems += compare(client, table, "bench-rewound", items)

    print(f"{'operation':<28} {'answered ms':>12} {'done s':>10}")
    for name, answered, done in times:
        print(f"{name:<28} {answered * 1000:>12.1f} {done:>10.2f}")
    if args.json:
        with open(args.json, "a", encoding="utf-8") as file:
            for name, answered, done in times:
                record = {"op": name, "items": items, "answered_ms": answered * 1000, "seconds": done}
                file.write(json.dumps(record) + "\n")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
