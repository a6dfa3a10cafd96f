#!/usr/bin/python3
"""Bytes of history and images for a table whose every item is overwritten once a day, with incompressible values.

  bench/history_growth.py [--days 35] [--items 5000] [--value-bytes 4096]

The clock is moved a day at a time. Counted are all files of the archive and of images that are not files of the
live table too, a file of several names once. Goal: at most 1.6 bytes for each byte written.
"""
import argparse
import os
import pathlib
import sys
import time

from as_of import Caller
from bench_server import Server

TABLE = "busy"
IMAGES_WHOLE = 1.5  # seconds; the archive and the images are looked after every second


def overwrite(client, items, value_bytes):
    for begin in range(0, items, 25):
        requests = [{"PutRequest": {"Item": {"pk": {"S": f"item-{number:08}"}, "sk": {"S": "-"},
                                             "value": {"B": os.urandom(value_bytes)}}}}
                    for number in range(begin, min(begin + 25, items))]
        if client.batch_write_item(RequestItems={TABLE: requests})["UnprocessedItems"]:
            sys.exit("not all was written")


def files(directory):
    found = {}
    for path in directory.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            found[status.st_ino] = status.st_size
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--value-bytes", type=int, default=4096)
    args = parser.parse_args()
    server = Server(["--test-clock"])
    try:
        server.start()
        client, caller = server.client(), Caller(server)
        server.create_table(client, TABLE)
        server.wait_active(client, TABLE)
        overwrite(client, args.items, args.value_bytes)
        client.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True})
        shard = pathlib.Path(server.parent / "data" / "shards" / "us-east-1")
        written = 0
        for day in range(1, args.days + 1):
            caller.advance(86400)
            overwrite(client, args.items, args.value_bytes)
            written += args.items * (args.value_bytes + 40)
            caller.advance(3700)
            time.sleep(IMAGES_WHOLE)
            if day % 5 and day != args.days:
                continue
            live = files(shard / "tables")
            runs = sum(files(shard / "archive").values())
            images = sum(size for inode, size in files(shard / "images").items() if inode not in live)
            print(f"day {day}: {written / 1e6:.0f} MB written, runs {runs / written:.2f}, images "
                  f"{images / written:.2f} ({len(list((shard / 'images').iterdir()))} of them), together "
                  f"{(runs + images) / written:.2f} bytes a byte", flush=True)
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
