#!/usr/bin/env bash
# Type-checks the console, then walks through it: run.sh [FILE...]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
CONSOLE=../../console
NODE=$(readlink -f "$CONSOLE"/node_modules/node-linux-*/bin/node)
(cd "$CONSOLE" && "$NODE" node_modules/typescript/bin/tsc --noEmit)
[ $# -gt 0 ] || set -- *.test.mjs
exec "$NODE" --test --test-concurrency=2 --test-timeout=900000 --test-reporter=spec "$@"
