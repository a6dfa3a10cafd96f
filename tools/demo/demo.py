"""The story, told with real data: a bug deletes 1,000 records, the table is put back as it was the second before.

  demo.py [--records N] [--port P] [--stop]      started by `./dev demo`

Every record of the Debian package index is loaded into a table; point-in-time recovery is switched on; a writer
keeps changing records; a "bug" deletes 1,000; the table is restored to the instant before, into a new table, while
the writer goes on; every item is compared with what it should be. All through boto3, the ordinary AWS SDK.
"""

import argparse
import datetime
import math
import multiprocessing
import os
import random
import sys
import time

import records
import server
import writer

TABLE, RESTORED, FROM_BACKUP = "Packages", "Packages-Restored", "Packages-FromBackup"
DELETED = 1000


def say(text):
    print(text, flush=True)


def step(number, title):
    say(f"\n\033[1m{number}. {title}\033[0m")


def clock(epoch):
    return datetime.datetime.fromtimestamp(epoch).strftime("%H:%M:%S")


def load(chunk):
    client = server.client()
    for start in range(0, len(chunk), 25):
        batch = {TABLE: [{"PutRequest": {"Item": item}} for item in chunk[start:start + 25]]}
        while batch:
            batch = client.batch_write_item(RequestItems=batch)["UnprocessedItems"]
    return len(chunk)


def wait_active(client, table):
    while client.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        time.sleep(0.02)


def read_all(client, table):
    found = {}
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            item = records.normal(item)
            found[records.key_of(item)] = item
    return found


def differences(expected, found):
    wrong = [key for key, item in expected.items() if found.get(key) != item]
    return wrong + [key for key in found if key not in expected]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=0, help="load only so many records (default: all)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stop", action="store_true", help="stop the server at the end")
    parser.add_argument("--binary", default="build/release/src/server/tidemark")
    parser.add_argument("--data", default="build/demo/data")
    options = parser.parse_args()

    say("\033[1mTidemark: put a table back as it was before a bug\033[0m")
    step(1, "An empty data directory and a server")
    pid = server.start(options.binary, options.data, options.port)
    say(f"   serving on {server.endpoint()} (process {pid}, data in {options.data})")
    client = server.client()

    step(2, "Real data: the Debian package index, one item per package")
    items = records.read(options.records)
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Package", "AttributeType": "S"},
                              {"AttributeName": "Version", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Package", "KeyType": "HASH"}, {"AttributeName": "Version", "KeyType": "RANGE"}])
    wait_active(client, TABLE)
    expected = {records.key_of(item): item for item in items}
    began = time.time()
    with multiprocessing.Pool(2) as pool:
        pieces = [items[i:i + 500] for i in range(0, len(items), 500)]
        done = 0
        for loaded in pool.imap_unordered(load, pieces):
            done += loaded
            print(f"\r   {done:,} of {len(items):,} records", end="", flush=True)
    table = client.describe_table(TableName=TABLE)["Table"]
    say(f"\r   {table['ItemCount']:,} records, {table['TableSizeBytes'] / 1e6:.1f} MB, "
        f"loaded in {time.time() - began:.1f} s through boto3")
    assert table["ItemCount"] == len(expected), (table["ItemCount"], len(expected))

    step(3, "Point-in-time recovery on, and a program that keeps writing")
    client.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    began = time.time()
    backup = client.create_backup(TableName=TABLE, BackupName="before-the-bug")["BackupDetails"]
    say(f"   recovery on; an on-demand backup for good measure ({(time.time() - began) * 1000:.0f} ms)")
    journal = os.path.join(os.path.dirname(options.data), "journal.txt")
    if os.path.exists(journal):
        os.remove(journal)
    # The bug will hit records the writer leaves alone, so that what is missing is known for sure.
    keys = sorted(expected)
    random.Random(42).shuffle(keys)
    doomed, touched = keys[:min(DELETED, len(keys) // 2)], keys[len(keys) // 2:]
    stop = multiprocessing.Event()
    worker = multiprocessing.Process(target=writer.run, args=(TABLE, touched, journal, stop))
    worker.start()
    time.sleep(2)

    step(4, "A bug")
    good = math.floor(time.time()) + 1  # the last good second
    time.sleep(max(0, good + 1 - time.time()))
    for package, version in doomed:
        client.delete_item(TableName=TABLE, Key={"Package": {"S": package}, "Version": {"S": version}})
    after = time.time()
    count = client.describe_table(TableName=TABLE)["Table"]["ItemCount"]
    say(f"   {clock(good)}   all is well")
    say(f"   {clock(good + 1)}   a faulty release deletes {len(doomed):,} records "
        f"(done at {clock(after)}; {count:,} are left)")

    step(5, f"Back to {clock(good)}, into a new table, while the writer goes on")
    began = time.time()
    client.restore_table_to_point_in_time(
        SourceTableName=TABLE, TargetTableName=RESTORED,
        RestoreDateTime=datetime.datetime.fromtimestamp(good, datetime.timezone.utc))
    wait_active(client, RESTORED)
    say(f"   {RESTORED} is ACTIVE after {time.time() - began:.2f} s")
    began = time.time()
    client.restore_table_from_backup(TargetTableName=FROM_BACKUP, BackupArn=backup["BackupArn"])
    wait_active(client, FROM_BACKUP)
    say(f"   {FROM_BACKUP} is ACTIVE after {time.time() - began:.2f} s")
    stop.set()
    worker.join()
    writes = writer.read_journal(journal)
    during = sum(1 for write in writes if write.acknowledged > after)
    say(f"   meanwhile the writer had {during:,} writes acknowledged ({len(writes):,} in all)")

    step(6, "Proof: every item against what it should be")
    found = read_all(client, RESTORED)
    applied = writer.applied_at(good, writes, found)
    should = writer.state_after(expected, writes[:applied])
    wrong = differences(should, found)
    missing = [key for key in doomed if key not in found]
    say(f"   {len(found):,} items compared, {len(doomed) - len(missing):,} of {len(doomed):,} deleted records are back")
    wrong_backup = differences(expected, read_all(client, FROM_BACKUP))
    live = read_all(client, TABLE)
    still = {key: item for key, item in writer.state_after(expected, writes).items() if key not in set(doomed)}
    wrong_live = differences(still, live)
    say(f"   restored table: {len(wrong)} differences; from the backup: {len(wrong_backup)}; "
        f"source table, untouched by it all: {len(wrong_live)}")
    client.put_item(TableName=RESTORED, Item={"Package": {"S": "tidemark"}, "Version": {"S": "carry-on"}})

    total = len(wrong) + len(wrong_backup) + len(wrong_live)
    say(f"\n\033[1m{total} differences\033[0m")
    for key in (wrong + wrong_backup + wrong_live)[:5]:
        say(f"   e.g. {key}: should be {should.get(key)}, is {found.get(key)}")
    if options.stop or total:
        server.stop(options.data)
    if not options.stop and not total:
        say(f"\nThe server is still up. Look around in a browser:  {server.endpoint()}/console/  (keys below)\n"
            f"  or at the shell:  aws dynamodb list-tables --endpoint-url {server.endpoint()} "
            "--region us-east-1\n"
            f"  with  AWS_ACCESS_KEY_ID={server.ACCESS_KEY} AWS_SECRET_ACCESS_KEY={server.SECRET_KEY}\n"
            f"Stop it:  kill {pid}")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
