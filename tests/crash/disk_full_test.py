"""A full disk: writes are refused with 500, what was acknowledged stays readable, and after space is added and a
restart everything acknowledged is there and writes work again.

The data directory is a small tmpfs, with room for the logs of `_system` and one Region and little else; mounting it
needs root. Without, the test says so and does nothing.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))


def get(client, key):
    return client.get_item(TableName="Fill", Key={"pk": {"S": key}}, ConsistentRead=True).get("Item")


def ready(server):
    try:
        return urllib.request.urlopen(server.url + "/readyz").status
    except urllib.error.HTTPError as error:
        return error.code


def fill(client):
    """Puts until one is refused; the keys acknowledged and the refusal."""
    acknowledged = []
    for number in range(5000):
        key = f"item-{number}"
        value = {"B": os.urandom(300_000)}  # does not compress, so that tables fill the disk as fast as the log
        try:
            client.put_item(TableName="Fill", Item={"pk": {"S": key}, "v": value})
        except botocore.exceptions.ClientError as error:
            return acknowledged, error.response
        acknowledged.append(key)
    raise AssertionError("the disk never got full")


def run(mount):
    import server as servers
    server = servers.Server(data=os.path.join(mount, "data"), arguments=())
    client = server.client()
    client.create_table(TableName="Fill", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}])
    client.get_waiter("table_exists").wait(TableName="Fill")
    assert ready(server) == 200
    acknowledged, refusal = fill(client)
    print(f"{len(acknowledged)} items of 300 KB fit, then: {refusal['Error']['Message']}")
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 500, refusal
    assert refusal["Error"]["Code"] == "InternalServerError", refusal
    if "restart the server" in refusal["Error"]["Message"]:  # the log is full, not a table alone
        assert ready(server) == 503
    for key in acknowledged:
        assert get(client, key), f"{key} was acknowledged and cannot be read"
    subprocess.run(["mount", "-o", "remount,size=2g", mount], check=True)
    server.kill()
    server.start()
    client = server.client()
    for key in acknowledged:
        assert get(client, key), f"{key} was acknowledged and is gone"
    client.put_item(TableName="Fill", Item={"pk": {"S": "after"}})
    assert get(client, "after") and ready(server) == 200
    server.stop()


def main():
    if len(sys.argv) > 1:
        os.environ["TIDEMARK_BIN"] = sys.argv[1]
    mount = tempfile.mkdtemp(prefix="tidemark-full-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=320m", "tmpfs", mount], stderr=subprocess.PIPE)
    if mounted.returncode != 0:
        print(f"not run, it needs to mount a tmpfs: {mounted.stderr.decode().strip()}")
        return
    begin = time.time()
    try:
        run(mount)
    finally:
        subprocess.run(["umount", "-l", mount], check=True)
        os.rmdir(mount)
    print(f"1 passed, 0 failed ({time.time() - begin:.0f} s)")


if __name__ == "__main__":
    main()
