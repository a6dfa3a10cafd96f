#!/usr/bin/python3
"""What sealing costs: the server as it is against itself with ciphers that copy and protect nothing (no_cipher.cc), in
pairs (compare.py). Gets are of cached blocks, puts are synced. Scans read files, once the server was started anew with
8 MiB for cached blocks.

  bench/sealing_cost.py [--pairs 5] [--seconds 6]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

from bench_server import ROOT, SERVER

NO_CIPHER = ROOT / "build/release/bench/libno_cipher.so"


def script(path, *words):
    path.write_text("#!/bin/sh\n" + " ".join(map(str, words)) + "\n")
    path.chmod(0o700)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", default="5")
    parser.add_argument("--seconds", default="6")
    args = parser.parse_args()
    if not NO_CIPHER.exists():
        sys.exit(f"{NO_CIPHER} is missing; run ./dev build")
    with tempfile.TemporaryDirectory() as directory:
        for ops, flags, how in (("get,put,update", "", []), ("scan", "--block-cache 8mb", ["--restart"])):
            open_ = script(pathlib.Path(directory) / "open", f"LD_PRELOAD={NO_CIPHER} exec", SERVER, '"$@"', flags)
            sealed = script(pathlib.Path(directory) / "sealed", "exec", SERVER, '"$@"', flags)
            print(f"old: without ciphers; new: sealed {flags}", flush=True)
            subprocess.run([sys.executable, ROOT / "bench/compare.py", open_, "--new", sealed, "--ops", ops,
                            "--pairs", args.pairs, "--seconds", args.seconds, *how], check=True)


if __name__ == "__main__":
    main()
