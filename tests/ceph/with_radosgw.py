#!/usr/bin/python3
"""Runs a command beside an S3 gateway of its own: radosgw over one Ceph monitor and one OSD in memory, on loopback.

    with_radosgw.py COMMAND...      exit code of COMMAND; 77, and why, where Ceph is not installed

The command finds in its environment
    TIDEMARK_S3_ENDPOINT, TIDEMARK_S3_TLS_ENDPOINT    http://localhost:PORT, https://localhost:PORT
    TIDEMARK_S3_CA                                    the certificate that the latter is trusted by
    TIDEMARK_S3_ACCESS_KEY, TIDEMARK_S3_SECRET_KEY    of a user who may make buckets
Everything lies in a temporary directory and goes with the command. TIDEMARK_CEPH_BYTES: the size of its disk (2 GiB).
"""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

PROGRAMS = ["ceph-mon", "ceph-osd", "ceph", "radosgw", "radosgw-admin", "monmaptool", "openssl"]
SKIPPED = 77
SECONDS_MAX = 120
STARTS_MAX = 3
ACCESS_KEY, SECRET_KEY = "tidemark-access", "tidemark-secret"

CONF = """[global]
fsid = {fsid}
mon_initial_members = a
mon_host = v2:127.0.0.1:{mon_port}/0
ms_bind_ipv6 = false
ms_bind_msgr1 = false
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = {directory}
admin_socket =
log_file = {directory}/$name.log
crash_dir = {directory}
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_max_pg_per_osd = 2000
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
paxos_propose_interval = 0.1
rgw_rados_pool_pg_num_min = 4
rgw_dns_name = localhost
[mon]
mon_data = {directory}/mon
[osd]
osd_data = {directory}/osd
osd_objectstore = memstore
memstore_device_bytes = {bytes}
osd_class_update_on_start = false
[client]
ms_mon_client_mode = crc
"""


PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def end_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Gateway:
    def __init__(self, directory):
        self.directory = directory
        self.conf = directory / "ceph.conf"
        self.daemons = []

    def run(self, *command):
        with open(self.directory / "commands.log", "ab") as log:
            subprocess.run([*command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=True,
                           timeout=SECONDS_MAX)

    def spawn(self, *command):
        log = open(self.directory / f"{command[0]}.out", "ab")
        self.daemons.append(subprocess.Popen([*command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                             preexec_fn=end_with_parent))

    def start(self):
        mon_port, self.port, self.tls_port = free_ports(3)
        fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
        self.conf.write_text(CONF.format(fsid=fsid, mon_port=mon_port, directory=self.directory,
                                         bytes=os.environ.get("TIDEMARK_CEPH_BYTES", 2 << 30)))
        conf, monmap = ["-c", str(self.conf)], str(self.directory / "monmap")
        (self.directory / "osd").mkdir()
        self.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{mon_port}/0]", monmap)
        self.run("ceph-mon", "--mkfs", "-i", "a", *conf, "--monmap", monmap)
        self.spawn("ceph-mon", "-f", "-i", "a", *conf)
        self.run("ceph-osd", "-i", "0", *conf, "--mkfs", "--osd-uuid", osd, "--no-mon-config")
        self.run("ceph", *conf, "--connect-timeout", "60", "osd", "new", osd, "0")
        self.spawn("ceph-osd", "-f", "-i", "0", *conf)
        self.run("radosgw-admin", *conf, "user", "create", "--uid", "tidemark", "--display-name", "tidemark",
                 "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        self.make_certificate()
        self.spawn("radosgw", "-f", "-n", "client.rgw", *conf, "--rgw-data", str(self.directory), "--rgw-frontends",
                   f"beast endpoint=127.0.0.1:{self.port} ssl_endpoint=127.0.0.1:{self.tls_port} "
                   f"ssl_certificate={self.directory}/tls.pem tcp_nodelay=1")
        self.wait_until_it_listens()

    def make_certificate(self):
        key, certificate = self.directory / "key.pem", self.directory / "certificate.pem"
        self.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate))
        (self.directory / "tls.pem").write_bytes(certificate.read_bytes() + key.read_bytes())

    def wait_until_it_listens(self):
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            for daemon in self.daemons:
                if daemon.poll() is not None:
                    raise RuntimeError(f"{daemon.args[0]} ended")
            try:
                socket.create_connection(("127.0.0.1", self.tls_port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("radosgw does not listen")

    def environment(self):
        return {**os.environ, "TIDEMARK_S3_ENDPOINT": f"http://localhost:{self.port}",
                "TIDEMARK_S3_TLS_ENDPOINT": f"https://localhost:{self.tls_port}",
                "TIDEMARK_S3_CA": str(self.directory / "certificate.pem"),
                "TIDEMARK_S3_ACCESS_KEY": ACCESS_KEY, "TIDEMARK_S3_SECRET_KEY": SECRET_KEY}

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.kill()  # nothing of it is kept
            daemon.wait()

    def tell_logs(self):
        for log in sorted(self.directory.glob("*.out")) + [self.directory / "commands.log"]:
            if log.exists():
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n", file=sys.stderr)


def main():
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        print(f"SKIPPED: not installed: {', '.join(missing)}; ./dev setup installs them where it can")
        return SKIPPED
    for attempt in range(1, STARTS_MAX + 1):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-ceph-"))
        gateway = Gateway(directory)
        try:
            began = time.monotonic()
            try:
                gateway.start()
            except (RuntimeError, subprocess.SubprocessError) as error:
                # Somebody may have taken a port that was free.
                gateway.tell_logs()
                print(f"the gateway does not start ({attempt} of {STARTS_MAX}): {error}", file=sys.stderr)
                continue
            print(f"radosgw runs after {time.monotonic() - began:.1f} s", flush=True)
            return subprocess.run(sys.argv[1:], env=gateway.environment()).returncode
        finally:
            gateway.stop()
            shutil.rmtree(directory, ignore_errors=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
