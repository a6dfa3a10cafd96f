#!/usr/bin/python3
"""What a backup costs the traffic of a large table, against `cp -a` and RocksDB's BackupEngine of as many bytes.

  bench/backup_cost.py [--items 5000000] [--pairs 9] [--copies 3]

A table of ITEMS items of 1 KiB; 64 clients put as fast as they can. For each pair: requests of the ten seconds with the
backup against those of the ten seconds before. `cp -a` copies the table's files; BackupEngine, in a process of its own,
backs a RocksDB of as many random items up. Then, with no traffic, seconds until ACTIVE of a restore from the backup,
against `cp -a` of the backup's files, each three times.
"""
import argparse
import shutil
import statistics
import subprocess
import sys
import threading
import time

from bench_server import ROOT, Server
from restore_times import settle
from store_growth import make_backup, wait_available

TABLE = "large"
ENGINE = ROOT / "build/release/bench/backup_engine"
HALF = 10  # seconds


def directory_bytes(directory):
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def largest(directory):
    """Where the rows lie."""
    return max((path for path in directory.iterdir() if path.is_dir()), key=directory_bytes)


def under_load(server, items, act):
    """Requests of the ten seconds from the act on, against those before; puts a second before; seconds of the act."""
    load = server.start_load("--table", TABLE, "--op", "put", "--items", items, "--seconds", 2 * HALF + 10,
                             "--by-second")
    out = []
    reader = threading.Thread(target=lambda: out.append(server.finish(load)))
    reader.start()
    time.sleep(HALF + 8)  # it signs its requests, and warms up
    at, begun = time.time(), time.monotonic()
    act()
    took = time.monotonic() - begun
    reader.join()
    seconds, half = out[0]["requests_by_second"], int(at - out[0]["began"])
    before, since = seconds[half - HALF:half], seconds[half:half + HALF]
    if half < HALF or len(since) < HALF:
        sys.exit(f"the act was not in the middle of the load: second {half} of {len(seconds)}")
    return sum(since) / sum(before), sum(before) / HALF, took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000_000, help="of about 1 KiB")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--copies", type=int, default=3, help="pairs of cp -a and of BackupEngine")
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        client = server.client()
        server.load("--table", TABLE, "--items", args.items, "--prepare", "--op", "get", "--seconds", 1)
        settle(server)
        table = largest(server.parent / "data" / "shards" / "us-east-1" / "tables")
        print(f"{args.items} items, {directory_bytes(table) / 1e6:.0f} MB of files", flush=True)
        answered = []

        def back_up():
            begun = time.monotonic()
            arn = client.create_backup(TableName=TABLE, BackupName="cost")["BackupDetails"]["BackupArn"]
            answered.append(time.monotonic() - begun)
            wait_available(client, arn)
            arns.append(arn)

        def copy():
            subprocess.run(["cp", "-a", table, server.parent / "copy"], stderr=subprocess.DEVNULL)  # files may go

        def engine():
            subprocess.run([ENGINE, "backup", server.parent / "plain", server.parent / "copy"], check=True,
                           stdout=subprocess.DEVNULL)

        for what, act, pairs in (("nothing", lambda: None, args.copies), ("CreateBackup", back_up, args.pairs),
                                 ("cp -a", copy, args.copies), ("BackupEngine", engine, args.copies)):
            if act is engine:
                subprocess.run([ENGINE, "make", server.parent / "plain", str(args.items)], check=True)
            ratios, seconds = [], []
            for pair in range(pairs):
                arns = []
                settle(server)
                ratio, rate, took = under_load(server, args.items, act)
                ratios.append(ratio)
                seconds.append(took)
                print(f"{what}, pair {pair + 1}: {rate:.0f} puts/s before, {ratio:.3f} of it with, {took:.2f} s",
                      flush=True)
                for arn in arns:
                    client.delete_backup(BackupArn=arn)
                shutil.rmtree(server.parent / "copy", ignore_errors=True)
            print(f"{what}: {statistics.median(ratios):.3f}, {statistics.median(seconds):.2f} s")
        shutil.rmtree(server.parent / "plain", ignore_errors=True)
        milliseconds = [1e3 * seconds for seconds in answered]
        print(f"CreateBackup answered after {statistics.median(milliseconds):.0f} ms, at most {max(milliseconds):.0f}")

        settle(server)
        arn = make_backup(client, TABLE, "restored")
        image = largest(table.parent.parent / "images")
        restores, copies = [], []
        for number in range(3):
            settle(server)
            begun = time.monotonic()
            client.restore_table_from_backup(TargetTableName=f"restored-{number}", BackupArn=arn)
            server.wait_active(client, f"restored-{number}")
            restores.append(time.monotonic() - begun)
            settle(server)
            begun = time.monotonic()
            subprocess.run(["cp", "-a", image, server.parent / "copy"], check=True)
            copies.append(time.monotonic() - begun)
            shutil.rmtree(server.parent / "copy")
            client.delete_table(TableName=f"restored-{number}")
            print(f"restored in {restores[-1]:.2f} s, copied in {copies[-1]:.2f} s", flush=True)
        print(f"restored {statistics.median(copies) / statistics.median(restores):.0f} times as fast as copied")
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
