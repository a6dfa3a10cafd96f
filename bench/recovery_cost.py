#!/usr/bin/python3
"""What point-in-time recovery costs the traffic of a table: pairs of runs, on and off, in alternating order.

  bench/recovery_cost.py [--pairs 9] [--seconds 20]

Open loop at 70 % of what the server can do: the ratio of p99, and of the p99 of a typical second, which a single stall
of the disk does not change. Saturated, with history being sorted in the background: the ratio of throughput.
"""
import argparse
import statistics
import sys
import time
import urllib.request

from bench_server import Server


def metric(server, name):
    """The sum of a metric over its labels; 0 when there is none."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.7)
    args = parser.parse_args()
    server = Server()
    try:
        server.start()
        client = server.client()

        def table(name, protected):
            server.create_table(client, name)
            server.wait_active(client, name)
            server.load("--table", name, "--items", 100_000, "--prepare")
            set_recovery(name, protected)

        def set_recovery(name, protected):
            client.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": protected})

        def put(name, rate):
            return server.load("--table", name, "--op", "put", "--items", 100_000, "--seconds", args.seconds,
                               "--rate", rate, "--warmup", 2, "--by-second")

        table("off-table", False)
        table("on-table", True)
        saturation = put("off-table", 0)["requests_per_second"]
        rate = args.share * saturation
        print(f"saturation {saturation:.0f} puts/s, open loop at {rate:.0f}/s")
        p99, throughput, seconds = [], [], {"on": [], "off": []}
        for pair in range(args.pairs):
            order = ("on", "off") if pair % 2 == 0 else ("off", "on")
            found = {}
            for name in order:
                time.sleep(5)  # compactions and sorting that the last run has left behind
                result = put(name + "-table", rate)
                found[name] = result["p99_ms"]
                seconds[name] += result["p99_ms_by_second"][:args.seconds]
            p99.append(found["on"] / found["off"])
            print(f"pair {pair + 1}: p99 on {found['on']:.2f} ms, off {found['off']:.2f} ms, ratio {p99[-1]:.3f}",
                  flush=True)
            found = {name: put(name + "-table", 0)["requests_per_second"] for name in order}
            throughput.append(found["on"] / found["off"])
            print(f"        saturated on {found['on']:.0f}/s, off {found['off']:.0f}/s, ratio {throughput[-1]:.3f}",
                  flush=True)
        print(f"p99 ratio, median of {args.pairs} pairs: {statistics.median(p99):.3f}")
        on, off = (statistics.median(seconds[name]) for name in ("on", "off"))
        print(f"p99 of a typical second: on {on:.2f} ms, off {off:.2f} ms, ratio {on / off:.3f}")
        print(f"throughput ratio, median: {statistics.median(throughput):.3f}")
        print(f"history sorted meanwhile: {metric(server, 'tidemark_archive_sorted_bytes_total') / 1e6:.0f} MB, "
              f"{metric(server, 'tidemark_archive_cpu_seconds_total'):.2f} s of CPU")
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
