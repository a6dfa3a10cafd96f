#!/usr/bin/python3
"""A table of many gigabytes is backed up, the backup copied to a store, deleted here, fetched back and restored:
seconds and the server's memory at its highest, of each step.

  bench/large_table.py --store DIRECTORY [--items 11700000] [--repeat 3]

Items have 2.6 KB: three times the same 800 random letters, so that 30 GB of them need 12 GB of files. The store should
lie on another file system, or its files are links.
"""
import argparse
import pathlib
import random
import sys
import tempfile
import time

from bench_server import Server
from restore_times import forget_highest_memory, highest_memory, key, settle
from store_growth import make_backup, program

TABLE = "large"
SAMPLE = 200


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=pathlib.Path, required=True)
    parser.add_argument("--items", type=int, default=11_700_000)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.store) as store:
        measure(store, args.items, args.repeat)


def measure(store, count, repeat):
    server = Server(["--backup-store", store])

    def step(name, act):
        forget_highest_memory(server)
        begun = time.monotonic()
        made = act()
        print(f"{name}: {time.monotonic() - begun:.1f} s, at most {highest_memory(server) / 1e6:.0f} MB of memory",
              flush=True)
        return made

    try:
        server.start()
        client = server.client()
        step("loaded", lambda: server.load("--table", TABLE, "--items", count, "--repeat", repeat,
                                           "--prepare", "--op", "get", "--seconds", 1))
        step("settled", lambda: settle(server))
        table = client.describe_table(TableName=TABLE)["Table"]
        sample = random.Random(7).sample(range(count), SAMPLE)
        items = [client.get_item(TableName=TABLE, Key=key(number))["Item"] for number in sample]
        size = sum(path.stat().st_size for path in (server.parent / "data").rglob("*.sst"))
        print(f"{table['ItemCount']} items, {table['TableSizeBytes'] / 1e9:.2f} GB, in {size / 1e9:.2f} GB of files")
        arn = step("backed up", lambda: make_backup(client, TABLE, "large"))
        job = step("copied", lambda: program(server, "backup", "copy", arn))
        client.delete_backup(BackupArn=arn)
        step("verified in the store", lambda: program(server, "backup", "verify", job["StoredBackup"]))
        step("fetched", lambda: program(server, "backup", "fetch", job["StoredBackup"]))

        def restore():
            client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
            server.wait_active(client, "restored")

        step("restored", restore)
        step("read whole and compared, in the background",
             lambda: program(server, "restores", "restored", "--wait", "--verified"))
        found = [client.get_item(TableName="restored", Key=key(number)).get("Item") for number in sample]
        restored = client.describe_table(TableName="restored")["Table"]
        if found != items or restored["ItemCount"] != table["ItemCount"]:
            sys.exit("the restored table is not the one that was backed up")
        print(f"{restored['ItemCount']} items, the same {SAMPLE} of them")
    finally:
        server.remove()


if __name__ == "__main__":
    main()
