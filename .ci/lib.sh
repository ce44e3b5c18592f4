# Shared by the scripts of this folder: sourced, never run. Callers have set -euo pipefail.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
PYTHON="${SYSTEM_PYTHON:-/usr/bin/python3}" # the distribution's: the one that QGIS and GDAL are built for
export ROOT PYTHON

say() { printf '%s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

apt_install() { # apt_install PACKAGE...: install what is missing of them; silent where nothing is
    local package missing=() sudo=() log="$ROOT/build/apt.log"
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "${missing[*]} must be installed, which needs root, and there is no" \
            "sudo here. As root, run: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        sudo=(sudo)
    fi
    say "Installing with apt: ${missing[*]} (some minutes; log: build/apt.log)"
    mkdir -p "$ROOT/build"
    if ! { "${sudo[@]}" apt-get -q update &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y install --no-install-recommends "${missing[@]}"; } >"$log" </dev/null; then
        tail -n 20 "$log" >&2
        die "apt-get failed"
    fi
}

headless() { # give Qt a platform where there is no display, and a runtime folder of its own
    if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
    fi
    if [ ! -d "${XDG_RUNTIME_DIR:-/nonexistent}" ]; then
        export XDG_RUNTIME_DIR="$ROOT/build/runtime"
        mkdir -p "$XDG_RUNTIME_DIR"
        chmod 700 "$XDG_RUNTIME_DIR"
    fi
}
