"""A program that keeps writing, and the journal of what it did: the oracle the demo compares with.

It does one write at a time and notes when it sent it and when it was acknowledged. So the state of the table at an
instant is the one after its first k writes, for a k between the writes acknowledged before the instant and those
sent before it; which k of the (at most one) write under way is seen in the table itself.
"""

import dataclasses
import random
import time

import server


@dataclasses.dataclass
class Write:
    number: int
    key: tuple
    sent: float
    acknowledged: float


def run(table, keys, journal, stop):
    client = server.client()
    choice = random.Random(7)
    number = 0
    with open(journal, "w", buffering=1) as file:
        while not stop.is_set():
            number += 1
            key = choice.choice(keys)
            sent = time.time()
            client.update_item(
                TableName=table, Key={"Package": {"S": key[0]}, "Version": {"S": key[1]}},
                UpdateExpression="SET LastWrite = :n ADD Downloads :one",
                ExpressionAttributeValues={":n": {"N": str(number)}, ":one": {"N": "1"}})
            file.write(f"{number}\t{key[0]}\t{key[1]}\t{sent:.6f}\t{time.time():.6f}\n")


def read_journal(journal):
    writes = []
    with open(journal) as file:
        for line in file:
            number, package, version, sent, acknowledged = line.rstrip("\n").split("\t")
            writes.append(Write(int(number), (package, version), float(sent), float(acknowledged)))
    return writes


def applied_at(instant, writes, found):
    """How many of the writes a table as of `instant` must show."""
    least = sum(1 for write in writes if write.acknowledged <= instant)
    most = sum(1 for write in writes if write.sent <= instant)
    newest = max((int(item["LastWrite"]["N"]) for item in found.values() if "LastWrite" in item), default=0)
    return min(max(newest, least), most)


def state_after(items, writes):
    """The items as they are after `writes`."""
    state = dict(items)
    for write in writes:
        item = dict(state[write.key])
        item["LastWrite"] = {"N": str(write.number)}
        item["Downloads"] = {"N": str(int(item.get("Downloads", {"N": "0"})["N"]) + 1)}
        state[write.key] = item
    return state
