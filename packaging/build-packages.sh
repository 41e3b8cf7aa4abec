#!/bin/sh
# build-packages.sh deb|rpm|tar|all [--arch amd64|arm64] [--out DIR]
exec node "$(dirname "$0")/../scripts/package.mjs" "$@"
