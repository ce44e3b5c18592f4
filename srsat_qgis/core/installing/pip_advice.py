"""Turns what pip says when it fails into what the user can do."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable

_OFFLINE = (
    " Without a network: on another machine, run 'python -m pip download --only-binary=:all: --python-version "
    "{version} --platform {platform} --dest FOLDER {package}', bring that folder here and name it in WHEELS."
)
_ADVICE = (
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL: ",
        " The connection's certificate is not trusted: networks that inspect traffic use one of their own; name its "
        "file in the environment variable PIP_CERT.{offline}",
    ),
    (
        r"ProxyError|407 Proxy|Tunnel connection failed",
        " The proxy refused: see QGIS's Settings > Options > Network.{offline}",
    ),
    (
        r"401 Error|403 Error|Unauthorized|Forbidden",
        " The index refused the name or password in its address.",
    ),
    (
        r"No space left|Errno 28|not enough space",
        " The disk is full: free some space; onnxruntime needs 0.1 GB, onnxruntime-gpu with CUDA's libraries 5 GB.",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        " No version fits QGIS's own numpy, which stays as it is.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Read timed out|name resolution|getaddrinfo|Max retries|"
        r"Connection (?:refused|reset|aborted)|Could not fetch URL",
        " The index cannot be reached.{offline}",
    ),
    (
        r"No matching distribution found|Could not find a version",
        " There may be no such version for Python {version} on {platform}, or the source lacks a package.{offline}",
    ),
)


def advice(lines: Iterable[str], package: str) -> str:
    """Return what to do about pip's last lines, starting with a space; '' when nothing fits."""
    text = "\n".join(lines)
    facts = {
        "version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "platform": wheel_platform(),
        "package": package,
    }
    for pattern, words in _ADVICE:
        if re.search(pattern, text):
            return words.format(offline=_OFFLINE, **facts).format(**facts)
    return ""


def wheel_platform() -> str:
    """Return the tag by which wheels for this machine are asked for."""
    machine = platform.machine().lower()
    if sys.platform == "win32":
        return {"amd64": "win_amd64", "arm64": "win_arm64"}.get(machine, "win32")
    if sys.platform == "darwin":
        return f"macosx_14_0_{machine}"
    return f"manylinux_2_28_{machine}"
