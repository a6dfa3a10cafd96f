"""A server process for the benchmarks in Python, on a fresh data directory, and the load generator beside it."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[1]
SERVER = ROOT / "build/release/src/server/tidemark"
LOAD = ROOT / "build/release/bench/tidemark-load"
ACCESS_KEY = "AKIDBENCH00000000000"
SECRET = "bench-secret-of-this-run-only"
KEYS = {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}


class Server:
    def __init__(self, arguments=(), parent=None):
        for binary in (SERVER, LOAD):
            if not binary.exists():
                sys.exit(f"{binary} is missing; run ./dev build")
        self.parent = pathlib.Path(
            tempfile.mkdtemp(prefix="tidemark-bench.", dir=parent or os.environ.get("TMPDIR", "/var/tmp"))
        )
        self.arguments = list(arguments)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = dict(
            os.environ, TIDEMARK_ROOT_ACCESS_KEY_ID=ACCESS_KEY, TIDEMARK_ROOT_SECRET_ACCESS_KEY=SECRET,
            AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_DEFAULT_REGION="us-east-1")
        self.process = None

    def start(self):
        """Seconds until it listens."""
        begun = time.monotonic()
        log = self.parent / "server.log"
        offset = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [SERVER, "serve", "--data", self.parent / "data", "--listen", f"127.0.0.1:{self.port}",
                 *self.arguments], stdout=out, stderr=out, env=self.environment)
        while b"listening on http://" not in log.read_bytes()[offset:]:
            if self.process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.005)
        return time.monotonic() - begun

    def stop(self, how=signal.SIGTERM):
        begun = time.monotonic()
        self.process.send_signal(how)
        self.process.wait()
        return time.monotonic() - begun

    def remove(self):
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGKILL)
        shutil.rmtree(self.parent)

    def client(self):
        return boto3.client(
            "dynamodb", endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET,
            config=Config(read_timeout=600, retries={"max_attempts": 0}))

    def create_table(self, client, name):
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=KEYS,
            AttributeDefinitions=[{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in KEYS])

    def wait_active(self, client, name):
        while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.005)

    def start_load(self, *options):
        return subprocess.Popen(
            [LOAD, "--endpoint", f"127.0.0.1:{self.port}", "--server-pid", str(self.process.pid), "--json", "-",
             *map(str, options)], stdout=subprocess.PIPE, text=True, env=self.environment)

    def load(self, *options):
        return self.finish(self.start_load(*options))

    def finish(self, process):
        """The last measurement of a run of the load generator."""
        out, _ = process.communicate()
        if process.returncode != 0:
            sys.exit(out)
        return json.loads(out.strip().splitlines()[-1])

    def rss_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
