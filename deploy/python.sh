#!/bin/sh
# Makes the virtual environment: sh deploy/python.sh PYTHON DIRECTORY
set -eu
python=$1
venv=$2
fail() { echo "$1" >&2; exit 1; }

[ -n "$python" ] || fail "Python 3.11 or later is missing: install python3."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or later is needed, $python is older: name another with make PYTHON=/path/to/python3.11"
"$python" -c 'import ensurepip' 2>/dev/null ||
    sh "$(dirname "$0")/debian.sh" "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
# pip comes last: without it the making was interrupted.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv"
echo "Installing Python packages into $venv ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
