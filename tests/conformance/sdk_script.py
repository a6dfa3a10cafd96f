#!/usr/bin/python3
"""Runs javascript/NAME.mjs, which uses the AWS SDK for JavaScript as a program would: sdk_script.py NAME."""

import json
import os
import subprocess
import sys
import tempfile

import server
import transports


def run(endpoint, *arguments):
    where = json.dumps(transports.javascript_options(endpoint))
    script = transports.JAVASCRIPT / f'{sys.argv[1]}.mjs'
    return subprocess.run(['node', str(script), where, *arguments], check=False).returncode


def main():
    if os.environ.get('TIDEMARK_ENDPOINT'):
        return run(server.shared())
    with tempfile.TemporaryDirectory(prefix='tidemark-reports-') as reports:
        arguments = ('--test-hooks', '--test-clock', '--report-directory', reports)
        with server.Server(arguments=arguments) as own:
            return run(own, reports)


if __name__ == '__main__':
    sys.exit(main())
