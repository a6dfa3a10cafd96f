#!/usr/bin/python3
"""Two server binaries under the same load, in pairs of runs in alternating order: what a change has won or lost.

  bench/compare.py OLD_BINARY [--new BINARY] [--pairs 5] [--seconds 6] [--ops get,query,put,update] [--restart]

Each run is a server of its own on a fresh data directory. Prints per operation the medians of the ratios new / old: of
requests per second, and of the server's processor time per request, which neighbours on the machine disturb less.
"""
import argparse
import pathlib
import statistics
import sys

import bench_server
from bench_server import Server

RATE, CPU = "requests_per_second", "server_cpu_us_per_request"

def run(binary, ops, seconds, restart):
    bench_server.SERVER = binary
    server = Server()
    try:
        server.start()
        client = server.client()
        server.create_table(client, "table")
        server.wait_active(client, "table")
        server.load("--table", "table", "--items", 100_000, "--prepare")
        if restart:  # all rows are in files then
            server.stop()
            server.start()
        return {op: server.load("--table", "table", "--op", op, "--items", 100_000, "--seconds", seconds)
                for op in ops}
    finally:
        server.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("--new", type=pathlib.Path, default=bench_server.SERVER)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--ops", default="get,query,put,update")
    parser.add_argument("--restart", action="store_true", help="the server, once the table is loaded")
    args = parser.parse_args()
    ops = args.ops.split(",")
    binaries = {"old": args.old, "new": args.new}
    found = {name: [] for name in binaries}
    for pair in range(args.pairs):
        for name in sorted(binaries, reverse=pair % 2 == 0):
            found[name].append(run(binaries[name], ops, args.seconds, args.restart))
            figures = (f"{op} {result[RATE]:.0f}/s {result[CPU]:.1f} us" for op, result in found[name][-1].items())
            print(f"pair {pair + 1}, {name}:", ", ".join(figures), flush=True)
    for op in ops:
        rate, cpu = (
            statistics.median(new[op][figure] / old[op][figure] for new, old in zip(found["new"], found["old"]))
            for figure in (RATE, CPU))
        print(f"{op}: new / old, requests a second {rate:.3f}, processor time a request {cpu:.3f}")


if __name__ == "__main__":
    sys.exit(main())
