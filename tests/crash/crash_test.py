"""Kills the server in the middle of writes, backups and restores, again and again, and compares what is there
afterwards with what was acknowledged. The oracle lives in this process, outside the server.

  crash_test.py --rounds 20 [--seed N] [--binary PATH]

Each key is written by one writer, one write at a time, so after a crash it holds what was acknowledged last or the
one write that was under way. For an instant T a key may show the newest write acknowledged before T, or a later one
that was sent before T; the margin below is for the server's commit clock, which is slewed to the wall clock, not
stepped.
"""

import argparse
import datetime
import os
import pathlib
import random
import sys
import threading
import time

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

TABLE = "Crash"
WRITERS = 4
KEYS_EACH = 25
CLOCK_MARGIN = 0.01  # seconds


class Key:
    """What one key went through: (value or None, sent, acknowledged)."""

    def __init__(self, name):
        self.name = name
        self.history = [(None, 0.0, 0.0)]
        self.under_way = None

    def allowed_now(self):
        values = [self.history[-1][0]]
        if self.under_way:
            values.append(self.under_way[0])
        return values

    def allowed_between(self, begin, end):
        """Values at some instant in [begin, end]."""
        values = []
        for value, sent, acknowledged in self.history:
            if acknowledged <= begin - CLOCK_MARGIN:
                values = [value]
            elif sent <= end + CLOCK_MARGIN:
                values.append(value)
        return values

    def resolve(self, found):
        """After a crash: the write under way happened or did not."""
        if self.under_way and found == self.under_way[0] and found != self.history[-1][0]:
            self.history.append((found, self.under_way[1], time.time()))
        self.under_way = None


class Crash:
    def __init__(self, server_module, seed):
        self.random = random.Random(seed)
        self.server = server_module.Server(arguments=())
        self.keys = [Key(f"w{w}-{k}") for w in range(WRITERS) for k in range(KEYS_EACH)]
        self.backups = []   # (arn, begin, end) acknowledged
        self.restores = []  # (table, begin, end) acknowledged: the instant lies in [begin, end]
        self.checked = {"writes": 0, "backups": 0, "restores": 0}
        self.number = 0
        self.failures = []  # answers nobody should get
        self.stopping = threading.Event()

    def client(self):
        return self.server.client()

    # ---- what goes on while the server is killed

    def write(self, writer):
        client, choice = self.client(), random.Random(self.random.random())
        mine = self.keys[writer * KEYS_EACH:(writer + 1) * KEYS_EACH]
        number = 0
        while not self.stopping.is_set():
            key = choice.choice(mine)
            number += 1
            value = None if choice.random() < 0.2 else f"{time.time_ns()}-{number}-" + "x" * choice.randrange(3000)
            key.under_way = (value, time.time())
            try:
                if value is None:
                    client.delete_item(TableName=TABLE, Key={"pk": {"S": key.name}})
                elif choice.random() < 0.5:
                    client.put_item(TableName=TABLE, Item={"pk": {"S": key.name}, "v": {"S": value}})
                else:
                    client.update_item(TableName=TABLE, Key={"pk": {"S": key.name}}, UpdateExpression="SET v = :v",
                                       ExpressionAttributeValues={":v": {"S": value}})
            except Exception:  # the server was killed: whether it happened shows after the restart
                return
            key.history.append((value, key.under_way[1], time.time()))
            key.under_way = None
            self.checked["writes"] += 1

    def operate(self):
        client = self.client()
        while not self.stopping.is_set():
            self.number += 1
            begin = time.time()
            try:
                act = self.random.random()
                if act < 0.4 or not self.backups:
                    answer = client.create_backup(TableName=TABLE, BackupName=f"backup-{self.number}")
                    self.backups.append((answer["BackupDetails"]["BackupArn"], begin, time.time()))
                elif act < 0.7:
                    arn, taken_from, taken_until = self.random.choice(self.backups)
                    name = f"FromBackup{self.number}"
                    client.restore_table_from_backup(TargetTableName=name, BackupArn=arn)
                    self.restores.append((name, taken_from, taken_until))
                else:
                    name = f"ToTime{self.number}"
                    second = int(begin - self.random.randrange(3))
                    client.restore_table_to_point_in_time(
                        SourceTableName=TABLE, TargetTableName=name,
                        RestoreDateTime=datetime.datetime.fromtimestamp(second, datetime.timezone.utc))
                    self.restores.append((name, second, second))
            except Exception as error:
                answered = isinstance(error, botocore.exceptions.ClientError)
                code = error.response["Error"]["Code"] if answered else ""
                # A time before recovery was switched on, or a backup not yet AVAILABLE, is refused by right.
                if code in ("InvalidRestoreTimeException", "BackupInUseException"):
                    continue
                if code:
                    self.failures.append(error)
                return
            time.sleep(self.random.random() * 0.1)

    # ---- what must hold afterwards

    def read_all(self, client, table):
        found = {}
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                found[item["pk"]["S"]] = item["v"]["S"]
        return found

    def check_live(self, client):
        found = self.read_all(client, TABLE)
        for key in self.keys:
            value = found.pop(key.name, None)
            if value not in key.allowed_now():
                raise AssertionError(f"{key.name} holds {str(value)[:40]}, acknowledged was "
                                     f"{str(key.history[-1][0])[:40]}")
            key.resolve(value)
        if found:
            raise AssertionError(f"items nobody wrote: {list(found)[:5]}")
        count = client.describe_table(TableName=TABLE)["Table"]["ItemCount"]
        should = sum(1 for key in self.keys if key.history[-1][0] is not None)
        if count != should:
            raise AssertionError(f"ItemCount is {count}, the table holds {should}")

    def check_table(self, client, table, begin, end):
        deadline = time.time() + 60
        while client.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
            if time.time() > deadline:
                raise AssertionError(f"{table} does not become ACTIVE")
            time.sleep(0.02)
        found = self.read_all(client, table)
        for key in self.keys:
            allowed = key.allowed_between(begin, end)
            if found.pop(key.name, None) not in allowed:
                raise AssertionError(f"{table}: {key.name} is not as it was between {begin:.3f} and {end:.3f}")
        if found:
            raise AssertionError(f"{table}: items nobody wrote: {list(found)[:5]}")
        client.delete_table(TableName=table)

    def check_backups(self, client):
        listed = {}
        for page in client.get_paginator("list_backups").paginate():
            listed.update({summary["BackupArn"]: summary["BackupStatus"] for summary in page["BackupSummaries"]})
        for arn, _, _ in self.backups:
            if arn not in listed:
                raise AssertionError(f"the acknowledged backup {arn} is gone")
            deadline = time.time() + 30
            while client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"][
                    "BackupStatus"] != "AVAILABLE":
                if time.time() > deadline:
                    raise AssertionError(f"{arn} does not become AVAILABLE")
                time.sleep(0.02)
            self.checked["backups"] += 1

    def round(self):
        self.stopping.clear()
        threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
        threads.append(threading.Thread(target=self.operate))
        for thread in threads:
            thread.start()
        time.sleep(0.3 + self.random.random())
        self.server.kill()
        self.stopping.set()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]
        seconds = self.server.start()
        client = self.client()
        self.check_live(client)
        self.check_backups(client)
        for name, begin, end in self.restores:
            self.check_table(client, name, begin, end)
            self.checked["restores"] += 1
        self.restores.clear()
        # Keep a few backups, so that old ones are restored from as well.
        while len(self.backups) > 6:
            arn, begin, end = self.backups.pop(0)
            client.delete_backup(BackupArn=arn)
        return seconds

    def run(self, rounds):
        client = self.client()
        client.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}])
        client.get_waiter("table_exists").wait(TableName=TABLE)
        client.update_continuous_backups(
            TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        for number in range(1, rounds + 1):
            seconds = self.round()
            print(f"round {number}: ready {seconds:.2f} s after kill -9; {self.checked['writes']} writes, "
                  f"{self.checked['backups']} backups, {self.checked['restores']} restores checked so far", flush=True)
        self.server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--binary", help="default: build/release/src/server/tidemark")
    options = parser.parse_args()
    if options.binary:
        os.environ["TIDEMARK_BIN"] = options.binary
    import server  # reads TIDEMARK_BIN
    print(f"seed {options.seed}")
    crash = Crash(server, options.seed)
    try:
        crash.run(options.rounds)
    except BaseException:
        print(f"FAILED with --seed {options.seed}; data in {crash.server.data}\n{crash.server.log_tail()}")
        if crash.server.process:
            crash.server.kill()
        raise
    print(f"{options.rounds} passed, 0 failed")


if __name__ == "__main__":
    main()
