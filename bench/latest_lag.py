#!/usr/bin/python3
"""How far the latest restorable instant is behind the clock while clients write as fast as they can, and whether a
restore to it holds every write acknowledged before a `kill -9`.

  bench/latest_lag.py [--seconds 20] [--items 100000]
"""
import argparse
import datetime
import signal
import statistics
import sys
import time

from bench_server import Server

TABLE = "busy"


def latest(client):
    description = client.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    return description["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--items", type=int, default=100_000)
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        client = server.client()
        server.create_table(client, TABLE)
        server.wait_active(client, TABLE)
        server.load("--table", TABLE, "--items", args.items, "--prepare")
        client.update_continuous_backups(
            TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        load = server.start_load("--table", TABLE, "--op", "put", "--items", args.items, "--seconds", args.seconds)
        lags = []
        while load.poll() is None:
            now = datetime.datetime.now(datetime.timezone.utc)  # before the answer: at most what is shown
            lags.append((now - latest(client)).total_seconds())
            time.sleep(0.1)
        lags.sort()
        print(f"{server.finish(load)['requests_per_second']:.0f} puts/s; Latest behind the clock: median "
              f"{statistics.median(lags):.3f} s, most {lags[-1]:.3f} s of {len(lags)} looks")
        # One client, so that what it was told is what must be there.
        written = 0
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            client.put_item(TableName=TABLE, Item={"pk": {"S": "last"}, "sk": {"S": f"{written:06}"}})
            written += 1
        server.stop(signal.SIGKILL)
        server.start()
        client.restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName="after-the-crash",
                                              UseLatestRestorableTime=True)
        server.wait_active(client, "after-the-crash")
        pages = client.get_paginator("query").paginate(
            TableName="after-the-crash", KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "last"}})
        found = sum(page["Count"] for page in pages)
        print(f"{written} writes acknowledged before the kill, {found} of them restored")
        return 0 if found >= written else 1
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
