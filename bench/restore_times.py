#!/usr/bin/python3
"""How long restores to an instant take, by the size of the table and by what has changed since its last image.

  bench/restore_times.py [--at-once] [ITEMS:CHANGES ...]

For each case a table of ITEMS items of 1 KiB is loaded, recovery switched on once what the load left to be compacted is
done (--at-once: right behind the load), CHANGES puts at random keys follow, and the table is restored to the latest
instant three times, each time when the server has nothing else to do: seconds from the request until ACTIVE, what the
server's log says of them, bytes of changes a second while history was read and laid, and the server's memory at its
highest. The restored tables must have as many items as the table, and the same ones, as far as 200 random keys tell.
"""
import argparse
import os
import random
import re
import statistics
import sys
import time

from bench_server import Server

ITEM_BYTES = 1024
ITEMS_PER_PARTITION = 10  # as tidemark-load fills
DEFAULT = ["100000:10000", "1000000:10000", "10000000:10000", "1000000:100000", "2500000:1000000"]


def key(number):
    return {"pk": {"S": f"customer#{number // ITEMS_PER_PARTITION:010}"},
            "sk": {"S": f"order#{number % ITEMS_PER_PARTITION:04}"}}


def wait(what, deadline_seconds=3600):
    begun = time.monotonic()
    while not what():
        if time.monotonic() - begun > deadline_seconds:
            sys.exit("waited for too long")
        time.sleep(0.02)  # each look is in the audit log, and synced: more of them would be measured too
    return time.monotonic() - begun


def processor_time(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def settle(server):
    """Until it used less than a twentieth of a core for three seconds."""
    def used():
        before = processor_time(server)
        time.sleep(3)
        return processor_time(server) - before
    while used() > 0.15:
        pass


def phases(server, name):
    """Seconds of each, of the restore to a table of that name."""
    line = re.search(f"the rows of table {name} are there: (.*)", (server.parent / "server.log").read_text())
    return {phase: float(seconds) for phase, seconds in re.findall(r"([A-Z_]+) ([0-9.]+) s", line[1])}


def highest_memory(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


def forget_highest_memory(server):
    with open(f"/proc/{server.process.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def change(server, name, items, changes):
    """That many puts, give or take one in a hundred, of keys drawn at random."""
    rate = min(changes / 5, 10_000)
    # Twice as many requests, since the second half of a set is about the items of the first once more.
    server.load("--table", name, "--op", "put", "--items", items, "--rate", rate, "--seconds", changes / rate,
                "--warmup", 0, "--distinct", 2 * changes)


def restore(server, client, source, target):
    def state():
        return client.describe_table(TableName=target)["Table"]["TableStatus"]

    begun = time.monotonic()
    client.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, UseLatestRestorableTime=True)
    wait(lambda: state() == "ACTIVE")
    return time.monotonic() - begun


def compare(client, source, target, items):
    sizes = [client.describe_table(TableName=name)["Table"]["ItemCount"] for name in (source, target)]
    if sizes[0] != sizes[1]:
        sys.exit(f"{target} has {sizes[1]} items, {source} has {sizes[0]}")
    for number in random.sample(range(items), 200):
        one, other = (client.get_item(TableName=name, Key=key(number)).get("Item") for name in (source, target))
        if one != other:
            sys.exit(f"item {number} differs")


def measure(server, client, items, changes, at_once):
    name = f"table-{items}-{changes}"
    server.create_table(client, name)
    server.wait_active(client, name)
    server.load("--table", name, "--items", items, "--prepare")
    if not at_once:
        settle(server)
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    settle(server)
    change(server, name, items, changes)
    times, told, memory = [], [], 0
    for attempt in range(3):
        settle(server)
        forget_highest_memory(server)
        target = f"{name}-restored-{attempt}"
        times.append(restore(server, client, name, target))
        told.append(phases(server, target))
        memory = max(memory, highest_memory(server))
        compare(client, name, target, items)
        client.delete_table(TableName=target)
    megabytes = changes * ITEM_BYTES / 1e6
    reading = statistics.median(one["READING_HISTORY"] for one in told)
    print(f"{items * ITEM_BYTES / 1e6:.0f} MB, {changes} changes ({megabytes:.0f} MB): "
          f"{', '.join(f'{seconds:.2f}' for seconds in times)} s, "
          f"of them {', '.join(f'{phase} {told[0][phase]}' for phase in told[0])} (of the first), "
          f"{megabytes / reading:.0f} MB/s of changes read and laid, at most {memory / 1e6:.0f} MB of memory",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("cases", nargs="*", default=DEFAULT)
    arguments = parser.parse_args()
    for case in arguments.cases:
        items, changes = map(int, case.split(":"))
        server = Server()
        try:
            server.start()
            measure(server, server.client(), items, changes, arguments.at_once)
        finally:
            server.remove()


if __name__ == "__main__":
    sys.exit(main())
