#!/usr/bin/python3
"""Bytes that daily copies of a table to another server send, when a part of the table changes each day.

  bench/second_copy.py [--items 1000000] [--changed 10000] [--days 3]

Two servers on this machine, each with a Region. Before each backup the server is restarted, so that the table is
flushed, as it is when it lies idle. Bytes are those of files that the sender's log tells, and depend on nothing else;
times need a quiet machine. The last copy is restored there, which compares its rows with what the log recorded.
"""
import argparse
import json
import re
import time

import boto3
from botocore.config import Config

from bench_server import ACCESS_KEY, SECRET, Server

TABLE, HERE, THERE = "daily", "us-east-1", "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/keeper"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
COMPLETE = re.compile(r"copy job (\S+) is complete: (\d+) of (\d+) files and (\d+) bytes were sent(.*)")


def client(server, service, region):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{server.port}", region_name=region,
                        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET,
                        config=Config(read_timeout=600, retries={"max_attempts": 0}))


def prepare(server, region):
    iam = client(server, "iam", region)
    iam.create_role(RoleName="keeper", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="keeper", PolicyName="all", PolicyDocument=json.dumps(ALL))
    client(server, "backup", region).create_backup_vault(BackupVaultName="vault")


def wait(look):
    while (now := look()).get("State", now.get("Status")) not in ("COMPLETED", "FAILED", "EXPIRED", "ABORTED"):
        time.sleep(0.02)
    if now.get("State", now.get("Status")) != "COMPLETED":
        raise SystemExit(f"it did not work: {now}")
    return now


def back_up(backup):
    job = backup.start_backup_job(BackupVaultName="vault", IamRoleArn=ROLE,
                                  ResourceArn=f"arn:aws:dynamodb:{HERE}:123456789012:table/{TABLE}")["BackupJobId"]
    return wait(lambda: backup.describe_backup_job(BackupJobId=job))["RecoveryPointArn"]


def copy(server, backup, point):
    """The copy's ARN, and what the sender's log tells of it."""
    begun = time.monotonic()
    job = backup.start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName="vault", IamRoleArn=ROLE,
        DestinationBackupVaultArn=f"arn:aws:backup:{THERE}:123456789012:backup-vault:vault")["CopyJobId"]
    made = wait(lambda: backup.describe_copy_job(CopyJobId=job)["CopyJob"])["DestinationRecoveryPointArn"]
    seconds = time.monotonic() - begun
    log = (server.parent / "server.log").read_text()
    told = [line for line in COMPLETE.findall(log) if line[0] == job][0]
    return made, {"files_sent": int(told[1]), "of_files": int(told[2]), "bytes_sent": int(told[3]),
                  "as_changes": "makes it of" in told[4], "seconds": round(seconds, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000, help="of about 1 KiB")
    parser.add_argument("--changed", type=int, default=10_000, help="items a day, random ones, each put twice")
    parser.add_argument("--days", type=int, default=3)
    args = parser.parse_args()
    there = Server()
    here = Server(["--peer", f"{THERE}=http://127.0.0.1:{there.port}"])
    here.environment.update(TIDEMARK_PEER_ACCESS_KEY_ID=ACCESS_KEY, TIDEMARK_PEER_SECRET_ACCESS_KEY=SECRET)
    try:
        there.start()
        here.start()
        prepare(there, THERE)
        prepare(here, HERE)
        here.load("--table", TABLE, "--items", args.items, "--prepare", "--op", "get", "--seconds", 1)
        whole = None
        for day in range(1, args.days + 1):
            if day > 1:
                here.load("--table", TABLE, "--items", args.items, "--op", "put", "--distinct",
                          2 * args.changed, "--rate", args.changed / 5, "--seconds", 10, "--warmup", 0, "--seed", day)
            here.stop()
            here.start()
            backup = client(here, "backup", HERE)
            made, told = copy(here, backup, back_up(backup))
            whole = whole or told["bytes_sent"]
            print(json.dumps({"day": day, **told, "of_the_first": round(told["bytes_sent"] / whole, 4)}), flush=True)
        far = client(there, "backup", THERE)
        begun = time.monotonic()
        job = far.start_restore_job(RecoveryPointArn=made, IamRoleArn=ROLE,
                                    Metadata={"targetTableName": "back"})["RestoreJobId"]
        wait(lambda: far.describe_restore_job(RestoreJobId=job))
        seconds = round(time.monotonic() - begun, 2)
        count = client(there, "dynamodb", THERE).describe_table(TableName="back")["Table"]["ItemCount"]
        print(json.dumps({"restored_items": count, "seconds": seconds}))
    finally:
        here.remove()
        there.remove()


if __name__ == "__main__":
    main()
