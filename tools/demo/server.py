"""The demo's server: started in the background, left up, stopped by its process id."""

import os
import shutil
import signal
import subprocess
import sys
import time

import boto3
import botocore.config

ACCESS_KEY, SECRET_KEY = "tidemark-demo", "tidemark-demo-secret"
_endpoint = None


def endpoint():
    return _endpoint


def client():
    return boto3.client(
        "dynamodb", endpoint_url=_endpoint, region_name="us-east-1", aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=botocore.config.Config(retries={"max_attempts": 1}, parameter_validation=False))


def _pid_file(data):
    return data + ".pid"


def stop(data):
    """Stops the server of an earlier run on the same data, if it still runs."""
    try:
        with open(_pid_file(data)) as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline") as file:
            if "tidemark" not in file.read():
                return
        os.kill(pid, signal.SIGTERM)
        while os.path.exists(f"/proc/{pid}") and open(f"/proc/{pid}/stat").read().split()[2] != "Z":
            time.sleep(0.05)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        pass


def start(binary, data, port):
    """Starts a server on an empty data directory; gives its process id once it answers."""
    global _endpoint
    stop(data)
    shutil.rmtree(data, ignore_errors=True)
    os.makedirs(os.path.dirname(data), exist_ok=True)
    log_name = data + ".log"
    environment = dict(os.environ, TIDEMARK_ROOT_ACCESS_KEY_ID=ACCESS_KEY,
                       TIDEMARK_ROOT_SECRET_ACCESS_KEY=SECRET_KEY)
    with open(log_name, "w") as log:
        process = subprocess.Popen(
            [binary, "serve", "--data", data, "--listen", f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
    with open(_pid_file(data), "w") as file:
        file.write(str(process.pid))
    while True:
        with open(log_name) as log:
            for line in log:
                if line.startswith("listening on "):
                    _endpoint = line.split()[-1]
                    return process.pid
        if process.poll() is not None:
            with open(log_name) as log:
                sys.exit("the server did not start:\n" + log.read())
        time.sleep(0.02)
