#!/usr/bin/python3
"""Bytes of a backup store after daily backups of a table of which a part changes each day; then the time in which a
lost server comes back from it.

  bench/store_growth.py [--items 1000000] [--changed 10000] [--days 10]

Between two days the server is restarted, so that the table is flushed, as it is when it lies idle. Bytes are those of
the store's files and depend on nothing else; the time needs a quiet machine.
"""
import argparse
import json
import shutil
import subprocess
import sys
import time

from bench_server import SERVER, Server

TABLE = "daily"


def program(server, *arguments):
    """The program's JSON."""
    environment = dict(server.environment, TIDEMARK_ENDPOINT=f"http://127.0.0.1:{server.port}")
    done = subprocess.run([SERVER, *map(str, arguments), "--output", "json"], env=environment, text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{arguments} failed: {done.stdout}")
    return json.loads(done.stdout)


def wait_available(client, arn):
    while client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] != "AVAILABLE":
        time.sleep(0.02)


def make_backup(client, table, name):
    arn = client.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
    wait_available(client, arn)
    return arn


def bytes_in(store):
    return sum(path.stat().st_size for path in store.glob("blobs/**/*") if path.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000, help="of about 1 KiB")
    parser.add_argument("--changed", type=int, default=10_000, help="puts a day, of random keys")
    parser.add_argument("--days", type=int, default=10)
    args = parser.parse_args()
    server = Server()
    store = server.parent / "store"
    server.arguments = ["--backup-store", store]
    try:
        server.start()
        server.load("--table", TABLE, "--items", args.items, "--prepare", "--op", "get", "--seconds", 1)
        for day in range(1, args.days + 1):
            server.stop()
            server.start()
            if day > 1:
                server.load("--table", TABLE, "--items", args.items, "--op", "put", "--distinct", 2 * args.changed,
                            "--rate", args.changed / 10, "--seconds", 10, "--warmup", 0, "--seed", day)
            job = program(server, "backup", "copy", make_backup(server.client(), TABLE, f"day-{day}"))
            print(json.dumps({"day": day, "backup_bytes": job["BytesTotal"], "store_bytes": bytes_in(store)}),
                  flush=True)
        server.stop()
        key = server.parent / "kept.key"
        shutil.copy(server.parent / "data" / "root.key", key)
        shutil.rmtree(server.parent / "data")
        report = program(server, "recover", "--from", store, "--root-key", key, "--data", server.parent / "data")
        print(json.dumps({"recovered": report["Tables"][0]["Status"], "seconds": report["Seconds"]}))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
