#!/usr/bin/python3
"""Seconds in which a new server restores a table from an S3 store, against a plain parallel download of the same bytes;
and those of `tidemark recover`, which also reads the table whole and compares it.

  tests/ceph/with_radosgw.py bench/store_restore.py [--items 1000000] [--pairs 3]

The download is curl's, eight files at once, until they are synced. The restore is `tidemark backup fetch` and
RestoreTableFromBackup until ACTIVE. Both, the gateway and its disk in memory share the machine.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

import boto3

from bench_server import Server
from store_growth import make_backup, program

TABLE, BUCKET, AT_ONCE = "daily", "bench", 8
ENDPOINT = os.environ["TIDEMARK_S3_ENDPOINT"]
ACCESS, SECRET = os.environ["TIDEMARK_S3_ACCESS_KEY"], os.environ["TIDEMARK_S3_SECRET_KEY"]


def storing_server():
    server = Server(["--backup-store", f"s3://{BUCKET}/of-tests", "--backup-store-endpoint", ENDPOINT])
    server.environment.update(TIDEMARK_STORE_ACCESS_KEY_ID=ACCESS, TIDEMARK_STORE_SECRET_ACCESS_KEY=SECRET)
    return server


def download(urls, directory):
    directory.mkdir()
    config = directory.parent / "curl.conf"
    config.write_text("".join(
        f'url = "{url}"\noutput = "{directory}/{number}"\n' for number, url in enumerate(urls)))
    begun = time.monotonic()
    subprocess.run(["curl", "--silent", "--fail", "--parallel", "--parallel-immediate", "--parallel-max", str(AT_ONCE),
                    "--config", config], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["sync", *directory.iterdir()], check=True)
    return time.monotonic() - begun


def restore(root_key):
    server = storing_server()
    try:
        (server.parent / "data").mkdir(mode=0o700)
        shutil.copy(root_key, server.parent / "data")
        server.start()
        client = server.client()
        stored = program(server, "backup", "stored")  # one line: one backup
        begun = time.monotonic()
        program(server, "backup", "fetch", stored["StoredBackup"])
        fetched = time.monotonic() - begun
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=stored["BackupArn"])
        server.wait_active(client, "restored")
        restored = time.monotonic() - begun
        if client.describe_table(TableName="restored")["Table"]["ItemCount"] != stored["ItemCount"]:
            sys.exit("the restored table has other items")
        return fetched, restored
    finally:
        server.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000, help="of about 1 KiB")
    parser.add_argument("--pairs", type=int, default=3)
    args = parser.parse_args()
    s3 = boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id=ACCESS,
                      aws_secret_access_key=SECRET)
    s3.create_bucket(Bucket=BUCKET)
    server = storing_server()
    try:
        server.start()
        server.load("--table", TABLE, "--items", args.items, "--prepare", "--op", "get", "--seconds", 1)
        arn = make_backup(server.client(), TABLE, "whole")
        begun = time.monotonic()
        job = program(server, "backup", "copy", arn)
        print(f"copied {job['BytesTotal'] / 1e6:.0f} MB in {time.monotonic() - begun:.1f} s", flush=True)
        server.stop()
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="of-tests/files/")
        urls = [s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": blob["Key"]}, ExpiresIn=36_000)
                for page in pages for blob in page["Contents"]]
        ratios = []
        for _ in range(args.pairs):
            directory = server.parent / "downloaded"
            plain = download(urls, directory)
            found = sum(path.stat().st_size for path in directory.iterdir())
            if found != job["BytesTotal"]:
                sys.exit(f"{found} bytes were downloaded, the backup has {job['BytesTotal']}")
            shutil.rmtree(directory)
            fetched, restored = restore(server.parent / "data" / "root.key")
            ratios.append(restored / plain)
            print(f"{len(urls)} files, {found / 1e6:.0f} MB: downloaded {plain:.2f} s; fetched {fetched:.2f} s, "
                  f"ACTIVE {restored:.2f} s: {ratios[-1]:.2f}", flush=True)
        print(f"median {statistics.median(ratios):.2f}")
        key = server.parent / "kept.key"
        shutil.copy(server.parent / "data" / "root.key", key)
        shutil.rmtree(server.parent / "data")
        report = program(server, "recover", "--from", *server.arguments[1:], "--root-key", key, "--data",
                         server.parent / "data")
        print(f"recovered: {report['Tables'][0]['Status']} after {report['Seconds']} s")
    finally:
        server.remove()


if __name__ == "__main__":
    main()
