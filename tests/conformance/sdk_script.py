#!/usr/bin/python3
"""Runs javascript/NAME.mjs, which uses the AWS SDK for JavaScript as a program would: sdk_script.py NAME."""

import json
import subprocess
import sys

import server
import transports

if __name__ == '__main__':
    where = json.dumps(transports.javascript_options(server.shared()))
    script = transports.JAVASCRIPT / f'{sys.argv[1]}.mjs'
    sys.exit(subprocess.run(['node', str(script), where], check=False).returncode)
