#!/usr/bin/python3
"""What a scrape of /metrics costs where there are many tables: processor time of the server and time until it is there.

  bench/scrape_cost.py [--tables 2500] [--scrapes 50]
"""
import argparse
import os
import statistics
import sys
import time
import urllib.request

from bench_server import Server


def cpu_by_thread(pid):
    """Seconds, to the nanosecond."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                times[thread] = int(file.read().split()[0]) / 1e9
        except OSError:
            pass  # it has ended meanwhile
    return times


def scrape(server):
    begun = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
        size = len(answer.read())
    return time.monotonic() - begun, size


def protect(client, name):
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": True})
    client.create_backup(TableName=name, BackupName=name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2500)
    parser.add_argument("--scrapes", type=int, default=50)
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        client = server.client()
        for number in range(args.tables):
            server.create_table(client, f"many-{number:04}")
        server.wait_active(client, f"many-{args.tables - 1:04}")
        for number in range(args.tables):
            protect(client, f"many-{number:04}")
        pid, times = server.process.pid, []
        before = cpu_by_thread(pid)
        for _ in range(args.scrapes):
            took, size = scrape(server)
            times.append(took)
        # The page is put together by a thread that does nothing else; others send it, and do what they do anyhow.
        cpu = max(now - before.get(thread, 0) for thread, now in cpu_by_thread(pid).items()) / args.scrapes
        print(f"{args.tables} tables, each with recovery and a backup: a scrape of {size / 1024:.0f} KiB takes "
              f"{cpu * 1000:.1f} ms of processor time, {statistics.median(times) * 1000:.1f} ms until it is there "
              f"(worst of {args.scrapes}: {max(times) * 1000:.1f})")
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
