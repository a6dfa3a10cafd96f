#!/usr/bin/python3
"""What a read of the past takes, with weeks of history in place: GetItem, and Query of 100 items, at random instants.

  bench/as_of.py [--days 35] [--steps 4] [--partitions 200] [--changes 400]

The server's clock is moved: each day has so many steps, in each of which random items change and are then sorted into
a run. Targets: median below 5 ms and 20 ms, the client's own time included.
"""
import argparse
import json
import random
import statistics
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench_server import ACCESS_KEY, SECRET, Server
import http.client

SORTS = 100  # items of a partition
HEADER = "X-Tidemark-As-Of"


class Caller:
    """Signed calls over one connection: boto3 itself takes longer than what is measured."""

    def __init__(self, server):
        self.host = f"127.0.0.1:{server.port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self.credentials = Credentials(ACCESS_KEY, SECRET)

    def signed(self, path, target, body, as_of=None):
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target, "Host": self.host}
        if as_of is not None:
            headers[HEADER] = f"{as_of:.6f}"
        request = AWSRequest("POST", f"http://{self.host}{path}", headers=headers, data=json.dumps(body))
        SigV4Auth(self.credentials, "dynamodb", "us-east-1").add_auth(request)
        return request

    def send(self, request, path="/"):
        self.connection.request("POST", path, request.data, dict(request.headers.items()))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(body.decode())
        return json.loads(body)

    def call(self, target, body, as_of=None):
        return self.send(self.signed("/", target, body, as_of))

    def advance(self, seconds):
        path = "/_test/clock"
        return self.send(self.signed(path, "", {"advance_seconds": seconds}), path)["now"]


def write(caller, table, keys, step):
    keys = list(keys)
    for i in range(0, len(keys), 25):
        caller.call("DynamoDB_20120810.BatchWriteItem", {"RequestItems": {table: [
            {"PutRequest": {"Item": {"pk": {"S": f"p{p}"}, "sk": {"S": f"{s:03}"}, "step": {"N": str(step)},
                                     "text": {"S": random.choice("abcdef") * 400}}}} for p, s in keys[i:i + 25]]}})


def measure(name, count, call, target_ms):
    times = []
    for _ in range(count):
        request = call()
        begun = time.perf_counter()
        request()
        times.append((time.perf_counter() - begun) * 1e3)
    times.sort()
    median = statistics.median(times)
    print(f"{name:<22} p50 {median:6.2f} ms  p99 {times[int(count * 0.99)]:7.2f} ms  max {times[-1]:7.2f} ms  "
          f"target p50 {target_ms} ms: {'met' if median < target_ms else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--partitions", type=int, default=200)
    parser.add_argument("--changes", type=int, default=400)
    args = parser.parse_args()
    server = Server(["--test-clock"])
    try:
        server.start()
        client, caller, table = server.client(), Caller(server), "history"
        server.create_table(client, table)
        server.wait_active(client, table)
        everything = [(p, s) for p in range(args.partitions) for s in range(SORTS)]
        write(caller, table, everything, 0)
        client.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        begin = caller.advance(1)
        for step in range(1, args.days * args.steps + 1):
            write(caller, table, random.sample(everything, args.changes), step)
            now = caller.advance(24 * 3600 / args.steps)
            time.sleep(1.2)  # the archiver looks every second
        begin = max(begin, now - 34.5 * 24 * 3600)

        def instant():
            return random.uniform(begin, now)

        def get():
            key = {"pk": {"S": f"p{random.randrange(args.partitions)}"}, "sk": {"S": f"{random.randrange(SORTS):03}"}}
            request = caller.signed("/", "DynamoDB_20120810.GetItem", {"TableName": table, "Key": key}, instant())
            return lambda: caller.send(request)["Item"]

        def query():
            body = {"TableName": table, "KeyConditionExpression": "pk = :p",
                    "ExpressionAttributeValues": {":p": {"S": f"p{random.randrange(args.partitions)}"}}}
            request = caller.signed("/", "DynamoDB_20120810.Query", body, instant())

            def run():
                if caller.send(request)["Count"] != SORTS:
                    sys.exit("a query of the past lacks items")
            return run

        measure("first reads: GetItem", 40, get, 5)
        measure("GetItem as of", 500, get, 5)
        measure("Query of 100 as of", 300, query, 20)
    finally:
        server.remove()


if __name__ == "__main__":
    main()
