#!/usr/bin/python3
"""What a backup costs the traffic of a large table, against `cp -a` and RocksDB's BackupEngine of as many bytes.

  bench/backup_cost.py [--items 5000000] [--pairs 9] [--copies 3]

A table of ITEMS items of 1 KiB; 64 clients put as fast as they can. For each pair: requests of the ten seconds with the
backup against those of the ten seconds before. `cp -a` copies the table's files, synced; BackupEngine, in a process of
its own, backs a RocksDB of as many random items up. Then, with no traffic, seconds until ACTIVE of a restore from the
backup, against `cp -a` of the backup's files, each three times.
"""
import argparse
import shutil
import statistics
import subprocess
import sys
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


def under_load(server, items, act, seconds):
    """Requests of ten seconds from the one in which the act begins, against those of the ten before; puts a second
    before; seconds of the act."""
    load = server.start_load("--table", TABLE, "--op", "put", "--items", items, "--seconds", seconds, "--by-second")
    time.sleep(HALF + 8)  # it signs its requests, and warms up
    at, begun = time.time(), time.monotonic()
    act()
    took = time.monotonic() - begun
    found = server.finish(load)
    puts, half = found["requests_by_second"], int(at - found["began"])
    before, since = puts[half - HALF:half], puts[half:half + HALF]
    if half < HALF or len(since) < HALF or at + took > found["began"] + found["seconds"]:
        sys.exit(f"the act, second {half} and {took:.0f} more, was not within the load of {len(puts)} seconds")
    return sum(since) / sum(before), sum(before) / HALF, took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000_000, help="of about 1 KiB")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--copies", type=int, default=3, help="pairs of cp -a and of BackupEngine")
    args = parser.parse_args()
    if not ENGINE.exists():
        sys.exit(f"{ENGINE} is missing; run ./dev build")
    server = Server()
    try:
        server.start()
        client = server.client()
        server.load("--table", TABLE, "--items", args.items, "--prepare", "--op", "get", "--seconds", 1)
        settle(server)
        table = largest(server.parent / "data" / "shards" / "us-east-1" / "tables")
        size = directory_bytes(table)
        print(f"{args.items} items, {size / 1e6:.0f} MB of files", flush=True)
        answered = []

        def back_up():
            begun = time.monotonic()
            arn = client.create_backup(TableName=TABLE, BackupName="cost")["BackupDetails"]["BackupArn"]
            answered.append(time.monotonic() - begun)
            wait_available(client, arn)
            arns.append(arn)

        def copy():
            subprocess.run(["cp", "-a", table, server.parent / "copy"], stderr=subprocess.DEVNULL)  # files may go
            subprocess.run(["sync", "--file-system", server.parent / "copy"], check=True)
            if directory_bytes(server.parent / "copy") < 0.9 * size:
                sys.exit("cp -a has copied less than there is")

        def engine():
            subprocess.run([ENGINE, "backup", server.parent / "plain", server.parent / "copy"], check=True)

        for what, act, pairs, seconds in (
                ("nothing", lambda: None, args.copies, 30), ("CreateBackup", back_up, args.pairs, 30),
                ("cp -a", copy, args.copies, 75), ("BackupEngine", engine, args.copies, 75)):
            if act is engine:
                subprocess.run([ENGINE, "make", server.parent / "plain", str(args.items)], check=True)
            ratios, times = [], []
            for pair in range(pairs):
                arns = []
                settle(server)
                ratio, rate, took = under_load(server, args.items, act, seconds)
                ratios.append(ratio)
                times.append(took)
                print(f"{what}, pair {pair + 1}: {rate:.0f} puts/s before, {ratio:.3f} of it with, {took:.2f} s",
                      flush=True)
                for arn in arns:
                    client.delete_backup(BackupArn=arn)
                shutil.rmtree(server.parent / "copy", ignore_errors=True)
            print(f"{what}: {statistics.median(ratios):.3f}, {statistics.median(times):.2f} s")
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
            subprocess.run(["sync", "--file-system", server.parent / "copy"], check=True)
            copies.append(time.monotonic() - begun)
            shutil.rmtree(server.parent / "copy")
            client.delete_table(TableName=f"restored-{number}")
            print(f"restored in {restores[-1]:.2f} s, copied in {copies[-1]:.2f} s", flush=True)
        print(f"restored {statistics.median(copies) / statistics.median(restores):.0f} times as fast as copied")
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
