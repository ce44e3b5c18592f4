"""What a run was made with: versions, machine, code and data, so that it can be made again."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core import paths

_PACKAGES = ("torch", "numpy", "onnx", "onnxscript", "onnxruntime", "safetensors")


def describe(device: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return versions, device, code revision and the checksum of the data.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``.
    manifest : mapping
        Of the patch store.
    """
    facts: dict[str, Any] = {
        "plugin": plugin_version(),
        "revision": revision(paths.PACKAGE.parent),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": device,
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "store": f"sha256:{manifest.get('sha256', '')}",
        "sources": [
            {key: source[key] for key in ("name", "sensor", "place", "licence", "patches") if key in source}
            for source in manifest["sources"]
        ],
    }
    if device.startswith("cuda"):
        facts["gpu"] = torch.cuda.get_device_name(device)
        facts["cuda"] = torch.version.cuda
    return facts


def write_environment(path: Path, facts: Mapping[str, Any]) -> None:
    """Write the facts as JSON."""
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # PyTorch of a distribution, for one, may lack it
        return ""


def plugin_version() -> str:
    """Return the version in ``metadata.txt``."""
    found = re.search(r"^version=(.+)$", paths.metadata_file().read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def revision(checkout: Path) -> str:
    """Return the commit that a git checkout stands at, read from its files; '' where there is none."""
    folder = checkout / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head[len("ref: ") :]
        loose = folder / name
        if loose.is_file():
            return loose.read_text(encoding="utf-8").strip()
        packed = (folder / "packed-refs").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(rf"^([0-9a-f]{{40,}}) {re.escape(name)}$", packed, re.MULTILINE)
    return found.group(1) if found else ""
