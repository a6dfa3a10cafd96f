#!/usr/bin/python3
"""Bytes of a recovery point in warm and in cold storage, how long the move takes, and restores from both.

  bench/cold_size.py [--items 300000] [--text 700]

Items are like those of a table of users: names, an address, times, numbers, a random id, and text of words that are
as frequent as in English. Bytes depend on nothing else; times need a quiet machine.
"""
import argparse
import json
import random
import sys
import time

import boto3
from botocore.config import Config

from bench_server import ACCESS_KEY, SECRET, Server

TABLE = "users"
ROLE = "arn:aws:iam::123456789012:role/keeper"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def words(source):
    """A vocabulary, and how frequent each word is."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    weights = [1 / (n + 1) for n in range(len(letters))]
    made = ["".join(source.choices(letters, weights, k=source.randint(2, 9))) for _ in range(5000)]
    return made, [1 / (n + 1) for n in range(len(made))]


def item(number, source, vocabulary, text_bytes):
    made, weights = vocabulary
    text = " ".join(source.choices(made, weights, k=text_bytes // 6))
    first, last = source.choices(made[:800], k=2)
    return {
        "pk": {"S": f"user-{number:08}"}, "sk": {"S": "profile"}, "id": {"S": f"{source.getrandbits(128):032x}"},
        "name": {"S": f"{first.title()} {last.title()}"}, "email": {"S": f"{first}.{last}{number % 97}@example.com"},
        "created": {"S": f"2026-{source.randint(1, 12):02}-{source.randint(1, 28):02}T{source.randint(0, 23):02}:00Z"},
        "visits": {"N": str(source.randint(0, 100000))}, "balance": {"N": f"{source.uniform(-500, 5000):.2f}"},
        "status": {"S": source.choice(["ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "CLOSED"])},
        "address": {"M": {"street": {"S": f"{source.choice(made[:300])} {source.randint(1, 200)}"},
                          "city": {"S": source.choice(made[:120])}, "zip": {"S": f"{source.randint(0, 99999):05}"}}},
        "about": {"S": text},
    }


def fill(client, items, text_bytes):
    source = random.Random(1)
    vocabulary = words(source)
    for begin in range(0, items, 25):
        requests = {TABLE: [{"PutRequest": {"Item": item(n, source, vocabulary, text_bytes)}}
                            for n in range(begin, min(begin + 25, items))]}
        while requests:
            requests = client.batch_write_item(RequestItems=requests).get("UnprocessedItems")


def bytes_in(server, kind):
    return sum(path.stat().st_size for path in (server.parent / "data").glob(f"shards/us-east-1/{kind}/*/*"))


def wait(look, wanted):
    begun = time.monotonic()
    while (now := look()) != wanted:
        if now in ("FAILED", "ABORTED", "EXPIRED"):
            sys.exit(f"it is {now}")
        time.sleep(0.01)
    return time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--text", type=int, default=700, help="bytes of text in each, about")
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        aws = {name: boto3.client(name, endpoint_url=f"http://127.0.0.1:{server.port}", region_name="us-east-1",
                                  aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET,
                                  config=Config(read_timeout=600, retries={"max_attempts": 0}))
               for name in ("dynamodb", "backup", "iam")}
        server.create_table(aws["dynamodb"], TABLE)
        server.wait_active(aws["dynamodb"], TABLE)
        fill(aws["dynamodb"], args.items, args.text)
        server.stop()  # the table is flushed, as it is when it lies idle
        server.start()
        aws["iam"].create_role(RoleName="keeper", AssumeRolePolicyDocument=json.dumps(TRUST))
        aws["iam"].put_role_policy(RoleName="keeper", PolicyName="all", PolicyDocument=json.dumps(ALL))
        backup = aws["backup"]
        backup.create_backup_vault(BackupVaultName="vault")
        job = backup.start_backup_job(
            BackupVaultName="vault", IamRoleArn=ROLE,
            ResourceArn=f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}")["BackupJobId"]
        wait(lambda: backup.describe_backup_job(BackupJobId=job)["State"], "COMPLETED")
        point = backup.describe_backup_job(BackupJobId=job)["RecoveryPointArn"]
        which = {"BackupVaultName": "vault", "RecoveryPointArn": point}

        def restore(target):
            begun = time.monotonic()
            started = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE,
                                               Metadata={"targetTableName": target})["RestoreJobId"]
            wait(lambda: backup.describe_restore_job(RestoreJobId=started)["Status"], "COMPLETED")
            return round(time.monotonic() - begun, 2)

        told = {"items": args.items, "logical_bytes": backup.describe_recovery_point(**which)["BackupSizeInBytes"],
                "warm_bytes": bytes_in(server, "images"), "restore_warm_s": restore("warm")}
        backup.update_recovery_point_lifecycle(**which, Lifecycle={"MoveToColdStorageAfterDays": 0})
        told["move_s"] = round(wait(lambda: backup.describe_recovery_point(**which)["StorageClass"], "COLD"), 2)
        told["cold_bytes"] = bytes_in(server, "cold")
        told["cold_to_warm"] = round(told["cold_bytes"] / told["warm_bytes"], 3)
        told["restore_cold_s"] = restore("cold")
        print(json.dumps(told))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
