#!/bin/sh
# Makes sure that Debian packages are there: sh deploy/debian.sh PACKAGE...
set -eu
missing=""
for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "Missing Debian packages, and neither root nor sudo: apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "Installing Debian packages:$missing ..."
{
    $as_root apt-get -qq update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing
} >/dev/null || {
    echo "These Debian packages could not be installed: apt-get install$missing" >&2
    exit 1
}
