#!/bin/sh
# Print the path of the browser for the tests, or stop with what to install.
set -eu

known="chromium chromium-browser google-chrome google-chrome-stable chrome"
for name in ${CHROMIUM:-$known}; do
    command -v "$name" && exit
done
# Where `playwright install chromium` puts its own, on Linux and on a Mac.
if [ -z "${CHROMIUM:-}" ]; then
    for home in "${PLAYWRIGHT_BROWSERS_PATH:-}" "$HOME/.cache/ms-playwright" \
        "$HOME/Library/Caches/ms-playwright"; do
        for file in "$home"/chromium-*/chrome-linux*/chrome \
            "$home"/chromium-*/chrome-mac*/*.app/Contents/MacOS/*; do
            [ -x "$file" ] && echo "$file" && exit
        done
    done
fi
cat >&2 <<END
There is no browser for the tests${CHROMIUM:+ at CHROMIUM=$CHROMIUM}. Install Chromium (on Debian: apt-get install chromium),
or name yours: make test CHROMIUM=/path/to/chromium. What needs no browser: make test-unit
END
exit 1
