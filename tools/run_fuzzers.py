#!/usr/bin/python3
"""Runs every fuzzer of a build folder for some seconds, two at a time, and prints one line for each.

    tools/run_fuzzers.py build/fuzz --seconds 60 [--only NAME] [--jobs 2]

Fails on any crash, on a fuzzer that ran hardly at all or has no executable, and if the canary
(tests/fuzz/canary_fuzz.cc) does NOT crash. Inputs found stay in build/fuzz-corpus/NAME, so that a next
run starts where the last ended; an input that crashes is written to build/fuzz-findings/ and replayed
by `build/fuzz/.../NAME FILE`.

Seeds are the lines of src/<module>/testdata/*.txt without their first word, and of tests/fuzz/seeds/NAME.txt.
"""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CANARY = "canary_fuzz"
CANARY_PREFIX = b"Tide"
CANARY_SECONDS = 60  # it needs less than one
RUNS_MIN = 100
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1"}


def find_fuzzers(folder):
    return {file.name: file for file in sorted(folder.rglob("*_fuzz")) if file.is_file() and os.access(file, os.X_OK)}


def expected_fuzzers():
    """The names that cmake/Module.cmake gives the fuzzers beside the code."""
    names = {CANARY}
    for file in ROOT.glob("src/**/*_fuzz.cc"):
        names.add(f"{file.relative_to(ROOT / 'src').parts[0]}_{file.stem}")
    return names


def write_seeds(name, folder):
    lines = []
    for file in sorted((ROOT / "src" / name.split("_")[0] / "testdata").glob("*.txt")):
        for line in file.read_text().splitlines():
            words = line.split(" ", 1)
            if len(words) == 2 and not line.startswith("#"):
                lines.append(words[1].encode())
    own = ROOT / "tests" / "fuzz" / "seeds" / f"{name}.txt"
    if own.exists():
        for line in own.read_text().splitlines():
            lines.append(line.replace("\\r", "\r").replace("\\n", "\n").encode())
    for line in set(lines):
        (folder / hashlib.sha1(line).hexdigest()).write_bytes(line)


def run(name, file, build, seconds):
    """(line to print, output to print if it failed or None)"""
    corpus = build.parent / "fuzz-corpus" / name
    findings = build.parent / "fuzz-findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    canary = name == CANARY
    with tempfile.TemporaryDirectory() as seeds, tempfile.TemporaryDirectory() as scratch:
        write_seeds(name, pathlib.Path(seeds))
        crashes = pathlib.Path(scratch) if canary else findings
        # The canary starts from nothing each time: an old corpus would be no proof.
        folders = [seeds] if canary else [str(corpus), seeds]
        command = [str(file), f"-max_total_time={CANARY_SECONDS if canary else seconds}", "-max_len=4096",
                   "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                   f"-artifact_prefix={crashes}/{name}-", *folders]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=scratch,
                              env={**os.environ, **ENVIRONMENT}, timeout=2 * seconds + 600)
        output = done.stdout.decode(errors="replace")
        found = [path for path in crashes.glob(f"{name}-crash-*")]
        caught = any(path.read_bytes().startswith(CANARY_PREFIX) for path in found)
    runs = int(next(iter(re.findall(r"stat::number_of_executed_units: +(\d+)", output)), 0))
    rate = int(next(iter(re.findall(r"stat::average_exec_per_sec: +(\d+)", output)), 0))
    written = re.findall(r"Test unit written to (\S+)", output)
    if canary:
        ok = caught and done.returncode != 0
        verdict = "crashed, as it must" if ok else "DID NOT CRASH: the harness finds nothing"
    elif done.returncode != 0 or written:
        ok, verdict = False, f"FOUND {' '.join(written) or f'exit code {done.returncode}'}"
    else:
        ok = runs >= RUNS_MIN
        verdict = "nothing found" if ok else "HARDLY RAN"
    return f"{name:28} {runs:>10} runs {rate:>8}/s  {verdict}", None if ok else output


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60, help="for each fuzzer")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="one fuzzer by name; the canary runs in any case")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    fuzzers = find_fuzzers(build)
    wanted = {CANARY, arguments.only} if arguments.only else expected_fuzzers() | set(fuzzers)
    failures = sorted(wanted - set(fuzzers))
    for name in failures:
        print(f"{name:28} NOT BUILT in {arguments.build}")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        tasks = {pool.submit(run, name, fuzzers[name], build, arguments.seconds): name
                 for name in sorted(wanted & set(fuzzers))}
        for task in concurrent.futures.as_completed(tasks):
            line, output = task.result()
            print(line, flush=True)
            if output is not None:
                failures.append(tasks[task])
                print("\n".join(output.splitlines()[-60:]), flush=True)
    if failures:
        sys.exit(f"fuzzers: {len(failures)} of {len(wanted)} failed: {' '.join(failures)}")
    print(f"fuzzers: {len(wanted) - 1} found nothing in {arguments.seconds} s each, and the canary crashed")


if __name__ == "__main__":
    main()
