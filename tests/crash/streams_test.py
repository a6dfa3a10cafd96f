"""Streams across kill -9: one consumer reads a table's stream while writers go on and the server is killed again and
again. What it has read, applied to a copy, is the table; each acknowledged change is in it exactly once, and the
changes of an item are in order: the old image of each is the new image of the one before.

    tests/crash/streams_test.py --rounds 10
"""

import argparse
import os
import pathlib
import random
import sys
import threading
import time

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

TABLE = "Streamed"
WRITERS = 4
KEYS_EACH = 6


class Consumer:
    """Reads the stream shard by shard and keeps a copy of the table."""

    def __init__(self, arn):
        self.arn = arn
        self.copy = {}
        self.changes = {}  # key -> [value or None]
        self.last = None   # (shard, sequence number) of the newest record
        self.iterator = None
        self.number = 0
        self.count = 0

    def open(self, streams):
        """After a crash: from the newest record on, or with the iterator from before it."""
        if self.iterator and random.random() < 0.5:
            return
        if self.last:
            shard, number = self.last
            self.iterator = streams.get_shard_iterator(
                StreamArn=self.arn, ShardId=shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                SequenceNumber=number)["ShardIterator"]
        else:
            self.shard = streams.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"][0]["ShardId"]
            self.iterator = streams.get_shard_iterator(
                StreamArn=self.arn, ShardId=self.shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def read(self, streams):
        """One page; whether there was anything."""
        page = streams.get_records(ShardIterator=self.iterator, Limit=random.choice((1, 7, 1000)))
        for record in page["Records"]:
            self.take(record)
        self.iterator = page["NextShardIterator"]
        return bool(page["Records"])

    def take(self, record):
        change = record["dynamodb"]
        key = change["Keys"]["pk"]["S"]
        number = int(change["SequenceNumber"])
        if number <= self.number:
            raise AssertionError(f"{key}: number {number} behind {self.number}")
        old = change.get("OldImage", {}).get("v", {}).get("S")
        new = change.get("NewImage", {}).get("v", {}).get("S")
        if old != self.copy.get(key):
            raise AssertionError(f"{key}: {str(old)[:40]} was replaced, the copy has {str(self.copy.get(key))[:40]}")
        kind = "REMOVE" if new is None else "INSERT" if old is None else "MODIFY"
        if record["eventName"] != kind:
            raise AssertionError(f"{key}: {record['eventName']} instead of {kind}")
        self.number = number
        self.last = (self.shard, change["SequenceNumber"])
        self.changes.setdefault(key, []).append(new)
        if new is None:
            del self.copy[key]
        else:
            self.copy[key] = new
        self.count += 1


class Crash:
    def __init__(self, servers, seed):
        self.random = random.Random(seed)
        self.server = servers.Server(arguments=("--test-hooks", "--test-clock"))
        self.acknowledged = {}  # key -> [value or None], what changed something, in order
        self.failures = []
        self.stopping = threading.Event()

    def write(self, writer):
        client, choice = self.server.client(), random.Random(self.random.random())
        number = 0
        while not self.stopping.is_set():
            number += 1
            key = f"w{writer}-{choice.randrange(KEYS_EACH)}"
            done = self.acknowledged.setdefault(key, [])
            item = {"pk": {"S": key}}
            try:
                if choice.random() < 0.2:
                    answer = client.delete_item(TableName=TABLE, Key=item, ReturnValues="ALL_OLD")
                    if "Attributes" in answer:
                        done.append(None)
                else:
                    value = f"{time.time_ns()}-{number}-" + "x" * choice.randrange(2000)
                    client.put_item(TableName=TABLE, Item={**item, "v": {"S": value}})
                    done.append(value)
            except botocore.exceptions.ClientError as error:
                self.failures.append(error)
                return
            except Exception:  # it was killed
                return

    def consume(self, consumer):
        streams = self.server.client("dynamodbstreams")
        while not self.stopping.is_set():
            try:
                consumer.read(streams)
            except (botocore.exceptions.ClientError, AssertionError) as error:
                self.failures.append(error)
                return
            except Exception:  # it was killed
                return

    def check(self, consumer):
        streams, client = self.server.client("dynamodbstreams"), self.server.client()
        consumer.open(streams)
        while consumer.read(streams):
            pass
        for key, values in self.acknowledged.items():
            shown = iter(consumer.changes.get(key, []))
            for value in values:  # in this order; between them what was not acknowledged
                if not any(value == one for one in shown):
                    raise AssertionError(f"{key}: {str(value)[:40]} is not in the stream, or not in order")
        table = {}
        for page in client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
            for item in page["Items"]:
                table[item["pk"]["S"]] = item["v"]["S"]
        if table != consumer.copy:
            raise AssertionError("what the stream adds up to is not the table")

    def run(self, rounds):
        client = self.server.client()
        made = client.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
        consumer = Consumer(made["TableDescription"]["LatestStreamArn"])
        for number in range(1, rounds + 1):
            consumer.open(self.server.client("dynamodbstreams"))
            self.stopping.clear()
            threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
            threads.append(threading.Thread(target=self.consume, args=(consumer,)))
            for thread in threads:
                thread.start()
            time.sleep(0.3 + self.random.random())
            self.server.kill()
            self.stopping.set()
            for thread in threads:
                thread.join()
            if self.failures:
                raise self.failures[0]
            self.server.start()
            self.check(consumer)
            print(f"round {number}: {consumer.count} records", flush=True)
        self.server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--binary", help="default: build/release/src/server/tidemark")
    options = parser.parse_args()
    if options.binary:
        os.environ["TIDEMARK_BIN"] = options.binary
    import server  # reads TIDEMARK_BIN
    print(f"seed {options.seed}")
    random.seed(options.seed)
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
