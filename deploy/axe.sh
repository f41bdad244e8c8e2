#!/bin/sh
# Makes sure that the tests have axe-core, pinned by hash: sh deploy/axe.sh DIRECTORY
set -eu
directory=$1
command -v npm >/dev/null || sh "$(dirname "$0")/debian.sh" npm
mkdir -p "$directory"
cp tests/axe/package.json tests/axe/package-lock.json "$directory"
echo "Installing axe-core into $directory ..."
# Nothing that a package would like to run is run.
npm ci --prefix "$directory" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || {
    echo "axe-core could not be installed: npm ci --prefix $directory --ignore-scripts" >&2
    exit 1
}
