#!/bin/sh
# Makes sure that the tests have a browser: sh deploy/browser.sh VENV
set -eu
# Asked for its version, because Ubuntu's chromium-browser may be a stub that only names a snap.
for name in chromium chromium-browser google-chrome; do
    if "$name" --version >/dev/null 2>&1; then exit 0; fi
done

distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-}") || distribution=""
if [ "$distribution" = debian ]; then
    exec sh "$(dirname "$0")/debian.sh" chromium
fi
echo "Installing Playwright's own Chromium ..."
"$1/bin/playwright" install --with-deps chromium >/dev/null 2>&1 || {
    echo "A browser is missing: install chromium or google-chrome, or run $1/bin/playwright install --with-deps chromium" >&2
    exit 1
}
