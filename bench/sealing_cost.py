#!/usr/bin/python3
"""What sealing costs: the server as it is against itself with ciphers that copy and protect nothing (no_cipher.cc), in
pairs (compare.py). Gets are of cached blocks, puts are synced, scans read files: the cache of blocks has 8 MiB then.

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
    with tempfile.TemporaryDirectory() as directory:
        for ops, flags in (("get,put,update", ""), ("scan", "--block-cache 8mb")):
            open_ = script(pathlib.Path(directory) / "open", f"LD_PRELOAD={NO_CIPHER} exec", SERVER, '"$@"', flags)
            sealed = script(pathlib.Path(directory) / "sealed", "exec", SERVER, '"$@"', flags)
            print(f"old: without ciphers; new: sealed {flags}", flush=True)
            subprocess.run([sys.executable, ROOT / "bench/compare.py", open_, "--new", sealed, "--ops", ops,
                            "--pairs", args.pairs, "--seconds", args.seconds], check=True)


if __name__ == "__main__":
    main()
