#!/bin/sh
# Makes an environment with a server for small language models: sh deploy/llm.sh PYTHON DIRECTORY
set -eu
python=$1
venv=$2

"$python" -m venv --clear "$venv"
echo "Building llama-cpp-python in $venv, which takes some minutes ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-llm.txt ||
    { echo "llama-cpp-python could not be built: it needs a C++ compiler (apt-get install build-essential)." >&2; exit 1; }
