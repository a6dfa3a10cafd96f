#!/usr/bin/python3
"""Many tables: what creating them costs the writers beside it, what writing to all of them costs, and how long a
restart takes, after a clean stop and after kill -9 with a full log window.

  bench/many_tables.py [--tables 2500] [--seconds 20]
"""
import argparse
import signal
import statistics
import sys
import time

from bench_server import Server


def create_while_writing(server, client, tables, per_second):
    """Creates `per_second` tables in every second second. p99 of seconds with and without creations."""
    seconds = 2 * -(-tables // per_second) + 4
    load = server.start_load("--table", "one", "--op", "put", "--items", 100_000, "--seconds", seconds, "--by-second")
    created_at, number = [], 0
    time.sleep(3)  # the load's own warm-up, and a first look at what nothing created costs
    while number < tables:
        now = time.time()
        time.sleep(2 - now % 2)
        for _ in range(min(per_second, tables - number)):
            server.create_table(client, f"many-{number:04}")
            created_at.append(time.time())
            number += 1
    result = server.finish(load)
    busy = {int(at - result["began"]) for at in created_at}
    p99 = result["p99_ms_by_second"][:-1]
    with_creates = [value for second, value in enumerate(p99) if second in busy]
    without = [value for second, value in enumerate(p99) if second not in busy and second > 0]
    return result, with_creates, without


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2500)
    parser.add_argument("--per-second", type=int, default=25)
    parser.add_argument("--seconds", type=int, default=20)
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        client = server.client()
        server.create_table(client, "one")
        server.wait_active(client, "one")
        result, busy, quiet = create_while_writing(server, client, args.tables, args.per_second)
        median = statistics.median(quiet)
        within = sum(value <= 1.25 * median for value in quiet)
        print(f"{args.tables} tables created while 64 clients write {result['requests_per_second']:.0f}/s: "
              f"p99 of {len(quiet)} seconds without creations: median {median:.2f} ms, "
              f"{within} at most 1.25 times that")
        ratios = sorted(value / median for value in busy)
        print(f"p99 of {len(busy)} seconds with creations, as a multiple of that: median "
              f"{statistics.median(ratios):.2f}, worst {ratios[-1]:.2f}, "
              f"{sum(ratio <= 1.25 for ratio in ratios)} at most 1.25")
        server.wait_active(client, f"many-{args.tables - 1:04}")

        def write(*options):
            return server.load("--op", "put", "--items", 100_000, "--seconds", args.seconds, "--distinct", 50_000,
                               *options)["requests_per_second"]

        # Alternating, so that both see the same machine.
        one, all_of_them = [], []
        for _ in range(2):
            one.append(write("--table", "one"))
            all_of_them.append(write("--table", "many", "--tables", args.tables))
        print(f"puts to one table {statistics.mean(one):.0f}/s, over {args.tables} tables "
              f"{statistics.mean(all_of_them):.0f}/s: {statistics.mean(all_of_them) / statistics.mean(one):.2f}")
        print(f"RSS {server.rss_bytes() / 2**30:.2f} GiB, {server.descriptors()} descriptors")

        print(f"stop {server.stop():.2f} s, start {server.start():.2f} s")
        write("--table", "many", "--tables", args.tables)
        server.stop(signal.SIGKILL)
        print(f"after kill -9: start {server.start():.2f} s")
        begun = time.monotonic()
        server.client().get_item(TableName=f"many-{args.tables // 2:04}",
                                 Key={"pk": {"S": "customer#0000000000"}, "sk": {"S": "order#0000"}})
        print(f"first read of a table that is owed changes: {(time.monotonic() - begun) * 1000:.0f} ms")
        print(f"RSS {server.rss_bytes() / 2**30:.2f} GiB, {server.descriptors()} descriptors")
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
