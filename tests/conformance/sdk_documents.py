#!/usr/bin/python3
"""Runs javascript/documents.mjs, which uses the document client of the AWS SDK for JavaScript."""

import json
import subprocess
import sys

import server
import transports

if __name__ == '__main__':
    where = json.dumps(transports.javascript_options(server.shared()))
    sys.exit(subprocess.run(['node', str(transports.JAVASCRIPT / 'documents.mjs'), where],
                            check=False).returncode)
